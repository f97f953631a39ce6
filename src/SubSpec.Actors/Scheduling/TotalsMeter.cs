using SubSpec.Actors.Drafting;
using SubSpec.Actors.Engines;
using SubSpec.Actors.Verifying;
using SubSpec.Core.Engine;

namespace SubSpec.Actors.Scheduling;

/// <summary>Adds up what rounds and passes report. A link's totals begin at 0 with each build of the engine; ours go on.</summary>
internal sealed class TotalsMeter
{
    private EngineTotals _finished = EngineTotals.Zero;
    private LinkStats _link = new(0, 0, true);

    public EngineTotals Totals => _finished with
    {
        BytesRead = _finished.BytesRead + _link.BytesRead,
        LinkBusySeconds = _finished.LinkBusySeconds + _link.BusySeconds,
    };

    public void Add(DraftFigures figures)
    {
        _link = figures.Link;
        Add(figures.Work);
        _finished = _finished with
        {
            AheadHits = _finished.AheadHits + figures.Ahead.Hits,
            AheadMisses = _finished.AheadMisses + figures.Ahead.Misses,
            AheadWastedNodes = _finished.AheadWastedNodes + figures.Ahead.WastedNodes,
        };
    }

    public void Add(PassFigures figures)
    {
        _link = figures.Link;
        Add(figures.Drafted);
        _finished = _finished with
        {
            Passes = _finished.Passes + 1,
            VerifySeconds = _finished.VerifySeconds + figures.VerifySeconds,
            StallSeconds = _finished.StallSeconds + figures.StallSeconds,
            LayersConsumed = _finished.LayersConsumed + figures.LayersConsumed,
            BytesStreamed = _finished.BytesStreamed + figures.PayloadBytes,
            VerifiedRows = _finished.VerifiedRows + figures.Rows,
        };
    }

    public void Add(Committed committed)
    {
        _finished = _finished with { CommittedTokens = _finished.CommittedTokens + committed.Tokens.Length };
        if (committed.Round is not { } agreement) return;
        _finished = _finished with
        {
            Rounds = _finished.Rounds + 1,
            DraftedTokens = _finished.DraftedTokens + committed.Drafted,
            AcceptedTokens = _finished.AcceptedTokens + (committed.Accepted ?? 0),
            DraftChoices = _finished.DraftChoices + agreement.Compared,
            DraftAgreed = _finished.DraftAgreed + agreement.Agreed,
        };
    }

    public void AddPrefilled(int tokens) => _finished = _finished with { PrefilledTokens = _finished.PrefilledTokens + tokens };

    public void AddCached(int tokens) => _finished = _finished with { CachedTokens = _finished.CachedTokens + tokens };

    public void AddDropped() => _finished = _finished with { DroppedMessages = _finished.DroppedMessages + 1 };

    /// <summary>The engine is over: its link counts no further.</summary>
    public void EndEngine()
    {
        _finished = Totals;
        _link = new LinkStats(0, 0, _link.DirectIo);
    }

    private void Add(in DraftWork work) => _finished = _finished with
    {
        DraftSteps = _finished.DraftSteps + work.Steps,
        DraftedRows = _finished.DraftedRows + work.Rows,
        DraftSeconds = _finished.DraftSeconds + work.Seconds,
        OverlapSeconds = _finished.OverlapSeconds + work.OverlapSeconds,
    };
}
