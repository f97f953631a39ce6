using SubSpec.Core.Schedules;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Tests.Schedules;

/// <summary>What holds of every schedule of the catalog.</summary>
public class SchedulePropertyTests
{
    private const int Runs = 300;

    public static TheoryData<string> Names => [.. ScheduleCatalog.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_order_of_events_keeps_the_rules_and_finishes_every_sequence(string name)
    {
        for (int seed = 0; seed < Runs; seed++)
        {
            HarnessRules rules = HarnessRules.Random(new Random(seed));
            HarnessReport report = ScheduleHarness.Run(ScheduleCatalog.Create(name, rules.Settings), rules, seed);
            Assert.Equal(rules.Sequences, report.Finished + report.Cancelled);
            if (!rules.Cancels) Assert.Equal(0, report.Cancelled);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_depth_of_0_never_drafts_and_a_greater_one_does(string name)
    {
        foreach (int depth in new[] { 0, 6 })
        {
            var rules = new HarnessRules(new ScheduleSettings(new DraftShape(depth, 2, 0, 32), 16), Cancels: false);
            HarnessReport report = ScheduleHarness.Run(ScheduleCatalog.Create(name, rules.Settings), rules, seed: 5);
            Assert.Equal(depth > 0, report.DraftRounds > 0);
        }
    }

    [Fact]
    public void Only_the_schedules_that_prefetch_let_the_ring_run_ahead()
    {
        var rules = new HarnessRules(new ScheduleSettings(new DraftShape(4, 1, 0, 32), 16));
        Assert.Equal(0, ScheduleHarness.Run(ScheduleCatalog.Create("sequential", rules.Settings), rules, seed: 1).StreamsAhead);
        HarnessReport prefetch = ScheduleHarness.Run(ScheduleCatalog.Create("prefetch", rules.Settings), rules, seed: 1);
        Assert.InRange(prefetch.StreamsAhead, prefetch.Passes / 2, prefetch.Passes + 1);
    }
}
