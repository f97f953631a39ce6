using System.Collections.Immutable;
using SubSpec.Core.Schedules;

namespace SubSpec.Core.Tests.Schedules;

/// <summary>An engine that obeys a schedule's commands and complains about those that no schedule may give.</summary>
internal sealed class HarnessEngine(HarnessRules rules, Random random)
{
    private readonly Dictionary<SequenceId, HarnessSequence> _sequences = [];
    private ScheduleCommand.StartPass? _pass;
    private ScheduleCommand.StartDraft? _draft;
    private PassId _lastPass, _streamedTo;
    private RoundId _lastRound;
    private bool _outlivedPass;

    public IEnumerable<HarnessSequence> Live => _sequences.Values.Where(s => s.IsLive);

    public bool HasPass => _pass is not null;

    public bool HasDraft => _draft is not null;

    /// <summary>True while a round is open whose steps were granted: at once, inside a pass, or by the end of the pass that it has lived through.</summary>
    public bool CanEndDraft => _draft is not null && (_draft.Grants.AtOnce == int.MaxValue || _pass is not null || _outlivedPass)
        // What continues a tree that is verified outlives the pass, unless it has gone.
        && !(_pass is not null && _draft.Orders.Any(o => o.Continues && _sequences[o.Sequence].IsLive));

    /// <summary>Rounds that were ordered while a pass was open.</summary>
    public int RoundsInsidePasses { get; private set; }

    /// <summary>Trees that were begun while a pass took the end of a prompt.</summary>
    public int PromptsContinued { get; private set; }

    public int Passes { get; private set; }

    public int DraftRounds { get; private set; }

    public int StreamsAhead { get; private set; }

    public int TokensChosen { get; private set; }

    public void Admit(HarnessSequence sequence) => _sequences.Add(sequence.Id, sequence);

    public void Obey(ScheduleCommand command)
    {
        switch (command)
        {
            case ScheduleCommand.StreamAhead c: Obey(c); break;
            case ScheduleCommand.StartDraft c: Obey(c); break;
            case ScheduleCommand.StartPass c: Obey(c); break;
            default: throw new ScheduleViolationException($"unknown command {command}");
        }
    }

    /// <summary>Ends the open draft round.</summary>
    public ScheduleEvent.TreesDrafted EndDraft()
    {
        foreach (DraftOrder order in _draft!.Orders)
        {
            HarnessSequence sequence = _sequences[order.Sequence];
            sequence.IsDrafting = false;
            sequence.TreeDepth = random.Next(order.Shape.Depth + 1);
        }
        var drafted = new ScheduleEvent.TreesDrafted(_draft.Round, [.. _draft.Orders.Select(o => o.Sequence).Where(s => _sequences[s].IsLive)]);
        _draft = null;
        return drafted;
    }

    /// <summary>Ends the open pass. Sequences that finish in it are told apart in <paramref name="finished"/>.</summary>
    public ScheduleEvent.PassVerified EndPass(out ImmutableArray<SequenceId> finished)
    {
        var over = ImmutableArray.CreateBuilder<SequenceId>();
        var going = ImmutableArray.CreateBuilder<SequenceProgress>();
        foreach (PassOrder order in _pass!.Orders)
        {
            HarnessSequence sequence = _sequences[order.Sequence];
            if (!sequence.IsLive) continue;
            int depth = Math.Min(sequence.TreeDepth, sequence.TokensLeft - 1);
            int chosen = order.PromptRows > 0 ? sequence.TakePrompt(order.PromptRows) : sequence.Verify(random.Next(depth + 1));
            TokensChosen += chosen;
            // Now and then the end-of-sequence token comes before the limit.
            if (chosen > 0 && random.Next(25) == 0) sequence.Stop();
            if (sequence.IsLive) going.Add(sequence.Progress);
            else over.Add(order.Sequence);
        }
        var verified = new ScheduleEvent.PassVerified(_pass.Pass, going.ToImmutable());
        (_pass, _outlivedPass) = (null, true);
        finished = over.ToImmutable();
        return verified;
    }

    private void Obey(ScheduleCommand.StreamAhead command)
    {
        Require(command.Pass == _lastPass.Next, $"the ring is to run ahead into {command.Pass}, the next is {_lastPass.Next}");
        Require(command.Pass.Value > _streamedTo.Value, $"the ring is told twice about {command.Pass}");
        _streamedTo = command.Pass;
        StreamsAhead++;
    }

    private void Obey(ScheduleCommand.StartDraft command)
    {
        Require(!HasDraft, "a second draft round while one runs");
        Require(command.Round == _lastRound.Next, $"{command.Round} after {_lastRound}");
        RequireDistinct(command.Orders.Select(o => o.Sequence));
        foreach (DraftOrder order in command.Orders)
        {
            HarnessSequence sequence = RequireLive(order.Sequence);
            Require(sequence.PromptLeft == 0 || EndsPrompt(sequence), $"{order.Sequence} drafts before a pass takes the end of its prompt");
            Require(order.Shape.Depth >= 1, $"{order.Sequence} drafts nothing");
            Require(order.Shape.Depth <= sequence.TokensLeft - 1, $"{order.Sequence} drafts {order.Shape.Depth} tokens deep with {sequence.TokensLeft} left");
            Require(order.Shape.Depth <= rules.Settings.Shape.Depth && order.Shape.Width <= rules.Settings.Shape.Width
                && order.Shape.MaxNodes <= rules.Settings.Shape.MaxNodes, $"{order.Sequence} drafts a larger tree than the settings allow");
            Require(order.Continues == IsInPass(order.Sequence), $"{order.Sequence} {(order.Continues ? "continues what no pass verifies" : "drafts while a pass verifies it")}");
            Require(!order.Continues || sequence.LooksAhead || sequence.PromptLeft > 0, $"{order.Sequence} continues a tree that does not look ahead");
            Require(order.Continues || sequence.TreeRows == 0, $"{order.Sequence} drafts again before its tree is verified");
            if (sequence.PromptLeft > 0) PromptsContinued++;
            (sequence.IsDrafting, sequence.LooksAhead) = (true, order.LooksAhead);
            if (order.Continues) sequence.NextTreeRows = order.Shape.MaxNodes;
            else sequence.TreeRows = order.Shape.MaxNodes;
        }
        Require(HasPass || command.Grants.AtOnce == int.MaxValue, $"{command.Round} waits for the grants of a pass that is not there");
        if (HasPass) RoundsInsidePasses++;
        _outlivedPass = false;
        (_draft, _lastRound) = (command, command.Round);
        DraftRounds++;
    }

    private void Obey(ScheduleCommand.StartPass command)
    {
        Require(!HasPass, "a second pass while one runs");
        Require(command.Pass == _lastPass.Next, $"{command.Pass} after {_lastPass}");
        RequireDistinct(command.Orders.Select(o => o.Sequence));
        foreach (PassOrder order in command.Orders)
        {
            HarnessSequence sequence = RequireLive(order.Sequence);
            Require(order.PromptRows >= 0 && order.PromptRows <= sequence.PromptLeft, $"{order.PromptRows} prompt rows for {sequence.Progress}");
            Require(order.PromptRows > 0 || sequence.PromptLeft == 0, $"{order.Sequence} is verified before its prompt is done");
            Require(!sequence.IsDrafting, $"{order.Sequence} is verified while it drafts");
        }
        Require(command.Orders.Sum(o => o.PromptRows) <= rules.Settings.ChunkRows, $"more prompt rows than {rules.Settings.ChunkRows} in {command.Pass}");
        int rows = command.Orders.Sum(o => o.PromptRows > 0 ? o.PromptRows : _sequences[o.Sequence].VerifyRows);
        Require(rows <= rules.Settings.PassRows, $"{rows} rows in {command.Pass}");
        (_pass, _lastPass) = (command, command.Pass);
        Passes++;
        CountTurns();
    }

    private void CountTurns()
    {
        int most = rules.MostTurnsWaiting ?? rules.Sequences;
        HarnessSequence? oldestPrompt = _pass!.Orders.Where(o => o.PromptRows > 0).Select(o => _sequences[o.Sequence]).MinBy(s => s.Id.Value);
        foreach (HarnessSequence sequence in Live)
        {
            bool olderFirst = sequence.PromptLeft > 0 && oldestPrompt?.Id.Value < sequence.Id.Value;
            sequence.TurnsWaiting = IsInPass(sequence.Id) || olderFirst ? 0 : sequence.TurnsWaiting + 1;
            Require(sequence.TurnsWaiting <= most, $"{sequence.Id} has waited {sequence.TurnsWaiting} turns");
        }
    }

    private bool EndsPrompt(HarnessSequence sequence) => _pass?.Orders.Any(o => o.Sequence == sequence.Id && o.PromptRows == sequence.PromptLeft) ?? false;

    private bool IsInPass(SequenceId id) => _pass?.Orders.Any(o => o.Sequence == id) ?? false;

    private HarnessSequence RequireLive(SequenceId id)
    {
        Require(_sequences.TryGetValue(id, out HarnessSequence? sequence), $"{id} was never there");
        Require(sequence!.IsLive, $"{id} is over");
        return sequence;
    }

    private static void RequireDistinct(IEnumerable<SequenceId> orders)
    {
        SequenceId[] ids = [.. orders];
        Require(ids.Length > 0, "a command without orders");
        Require(ids.Distinct().Count() == ids.Length, "two orders for one sequence");
    }

    private static void Require(bool kept, string violation)
    {
        if (!kept) throw new ScheduleViolationException(violation);
    }
}
