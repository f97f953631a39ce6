using SubSpec.Actors.Drafting;
using SubSpec.Actors.Engines;
using SubSpec.Actors.Scheduling;
using SubSpec.Actors.Verifying;
using SubSpec.Core.Engine;
using SubSpec.Core.Trees;

namespace SubSpec.Actors.Tests.Scheduling;

public class TotalsMeterTests
{
    [Fact]
    public void Rounds_and_passes_add_up_and_the_link_counts_on_after_a_rebuild()
    {
        var meter = new TotalsMeter();
        meter.Add(new DraftFigures([new(1, 0.1), new(2, 0.2), new(2, 0.2)], new DraftWork(2, 4, 0.375, 0.25), new LinkStats(100, 1, true)));
        // A pass tells of what the open round has drafted until then.
        meter.Add(new PassFigures(2, 0.125, 4, 4000, 7, new LinkStats(300, 2, true)) { Drafted = new DraftWork(1, 1, 0.125, 0) });
        meter.Add(new Committed([9], null, null, Finish.None));
        meter.Add(new Committed([1, 2, 3], 2, new DraftAgreement(5, 4), Finish.None) { Drafted = 6 });
        EngineTotals before = meter.Totals;
        meter.EndEngine();
        meter.AddDropped();
        meter.AddPrefilled(30);
        meter.AddCached(48);
        meter.Add(new PassFigures(1, 0, 2, 2000, 5, new LinkStats(50, 0.5, true)));

        var first = new EngineTotals(1, 1, 4000, 300, 2, 2, 0.5, 0.125, 0.25, 4, 3, 7, 5, 4, 0, 0, 0, 0)
        {
            DraftedRows = 5,
            CommittedTokens = 4,
            DraftedTokens = 6,
            AcceptedTokens = 2,
        };
        Assert.Equal(first, before);
        var later = new EngineTotals(1, 0, 2000, 50, 0.5, 1, 0, 0, 0, 2, 0, 5, 0, 0, 0, 0, 0, 1) { PrefilledTokens = 30, CachedTokens = 48 };
        Assert.Equal(later, meter.Totals.Since(before));
        Assert.Equal(before, meter.Totals.Since(later));
    }
}
