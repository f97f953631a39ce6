using SubSpec.Core.Schedules;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Tests.Schedules;

/// <summary>What holds of every schedule of the catalog.</summary>
public class SchedulePropertyTests
{
    private const int Runs = 300;

    public static TheoryData<string> Names => [.. ScheduleCatalog.BuiltIn.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_order_of_events_keeps_the_rules_and_finishes_every_sequence(string name)
    {
        for (int seed = 0; seed < Runs; seed++)
        {
            HarnessRules rules = HarnessRules.Random(new Random(seed));
            HarnessReport report = ScheduleHarness.Run(ScheduleCatalog.BuiltIn.Create(name, rules.Settings), rules, seed);
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
            HarnessReport report = ScheduleHarness.Run(ScheduleCatalog.BuiltIn.Create(name, rules.Settings), rules, seed: 5);
            Assert.Equal(depth > 0, report.DraftRounds > 0);
        }
    }

    [Fact]
    public void Only_the_schedules_that_prefetch_let_the_ring_run_ahead()
    {
        var rules = new HarnessRules(new ScheduleSettings(new DraftShape(4, 1, 0, 32), 16));
        Assert.Equal(0, ScheduleHarness.Run(ScheduleCatalog.BuiltIn.Create("sequential", rules.Settings), rules, seed: 1).StreamsAhead);
        HarnessReport prefetch = ScheduleHarness.Run(ScheduleCatalog.BuiltIn.Create("prefetch", rules.Settings), rules, seed: 1);
        Assert.InRange(prefetch.StreamsAhead, prefetch.Passes / 2, prefetch.Passes + 1);
    }

    [Theory]
    [InlineData("shared")]
    [InlineData("interleave")]
    public void Where_rows_suffice_nobody_waits_more_than_two_passes(string name)
    {
        for (int seed = 0; seed < Runs; seed++)
        {
            var settings = new ScheduleSettings(new DraftShape(6, 2, 0, 13), 16) { PassRows = 8 * 13 + 16 };
            ScheduleHarness.Run(ScheduleCatalog.BuiltIn.Create(name, settings), new HarnessRules(settings, Sequences: 8, MostTurnsWaiting: 2), seed);
        }
    }

    [Fact]
    public void Only_those_that_look_ahead_begin_trees_below_prompts()
    {
        var rules = new HarnessRules(new ScheduleSettings(new DraftShape(6, 2, 0, 13), 16) { PassRows = 60 }, Sequences: 6, Cancels: false);
        string[] below = [.. ScheduleCatalog.BuiltIn.Names.Where(name => ScheduleHarness.Run(ScheduleCatalog.BuiltIn.Create(name, rules.Settings), rules, seed: 4).PromptsContinued > 0)];
        Assert.Equal(["adaptive", "draft-ahead"], below.Order());
    }

    [Fact]
    public void Only_interleave_drafts_inside_passes_and_shared_needs_fewer_of_them()
    {
        var rules = new HarnessRules(new ScheduleSettings(new DraftShape(6, 2, 0, 13), 100) { PassRows = 200 }, Sequences: 6, Cancels: false);
        HarnessReport Run(string name) => ScheduleHarness.Run(ScheduleCatalog.BuiltIn.Create(name, rules.Settings), rules, seed: 9);
        HarnessReport prefetch = Run("prefetch"), shared = Run("shared"), interleave = Run("interleave");
        Assert.Equal((0, 0), (prefetch.RoundsInsidePasses, shared.RoundsInsidePasses));
        Assert.InRange(interleave.RoundsInsidePasses, interleave.DraftRounds / 2, interleave.DraftRounds);
        Assert.InRange(shared.Passes, 1, interleave.Passes - 1);
        Assert.InRange(interleave.Passes, 1, prefetch.Passes - 1);
    }
}
