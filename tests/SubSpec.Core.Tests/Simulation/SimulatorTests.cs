using System.Collections.Immutable;
using SubSpec.Core.Generation;
using SubSpec.Core.Planning;
using SubSpec.Core.Schedules;
using SubSpec.Core.Simulation;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Tests.Simulation;

/// <summary>Timings that can be worked out by hand: 4 layers of 8 s each over the link, a layer of a pass takes 1 s, a draft step 2 s, rows nothing.</summary>
public class SimulatorTests
{
    private const int Layers = 4;

    private static readonly HardwareProfile _machine = new("by hand", 100, 1e9, 1e18, 1e18, 1e18, 1, 2.0 / Layers, 0, SharesCompute: true);

    [Theory]
    [InlineData("sequential", 33)] // each pass waits for its first layer, 4 x 8 s, and computes the last one: 1 s
    [InlineData("prefetch", 32)] // the link never rests until the last pass is read
    public void Plain_decoding_takes_the_bytes_over_the_bandwidth(string schedule, double seconds)
    {
        SimulationResult result = Run(schedule, depth: 0, first: 1, tokens: 11);

        Assert.Equal(10, result.DecodedTokens);
        Assert.Equal(10, result.Passes);
        Assert.Equal(seconds * 10, result.DecodeSeconds, 1e-6);
        Assert.Equal(10 * Layers * 800, result.BytesStreamed);
        Assert.Equal(40, result.VerifySeconds, 1e-6);
        Assert.Equal(schedule == "prefetch" ? 319.0 / 320 : 32.0 / 33, result.LinkUtilization, 1e-6);
        Assert.Equal(result.DecodeSeconds, result.VerifySeconds + result.StallSeconds, 1e-6);
    }

    [Fact]
    public void Sequential_adds_drafting_to_streaming()
    {
        // 1 token of the prompt, then 2 rounds of 3 accepted tokens and a bonus.
        SimulationResult result = Run("sequential", depth: 3, first: 1, tokens: 9);

        Assert.Equal(2, result.Rounds);
        Assert.Equal(3, result.Tau);
        Assert.Equal(6, result.DraftSteps);
        Assert.Equal(2 * (3 * 2 + 33), result.DecodeSeconds, 1e-6);
        Assert.Equal(0, result.OverlapRatio);
        Assert.Equal(2 * (8 + 3 * 7), result.StallSeconds, 1e-6); // for the first layer 8 s, for the others 1 s less
    }

    [Fact]
    public void Prefetch_hides_as_many_layers_as_the_ring_has_slots()
    {
        // Drafting takes 20 s a round.
        SimulationResult two = Run("prefetch", depth: 10, first: 1, tokens: 1 + 3 * 11, slots: 2), three = Run("prefetch", depth: 10, first: 1, tokens: 1 + 3 * 11, slots: 3);
        SimulationResult none = Run("sequential", depth: 10, first: 1, tokens: 1 + 3 * 11, slots: 3);

        Assert.Equal(3, none.Rounds);
        Assert.Equal(3 * (20 + 33), none.DecodeSeconds, 1e-6);
        // One read is 1 s old when a pass ends, so both slots are full after 15 s and the link rests. The pass frees the first one after 1 s: two layers
        // and the last one's computing are still to come, 17 s.
        Assert.Equal(3 * (20 + 1 + 17), two.DecodeSeconds, 1e-6);
        // The third slot keeps the link busy for 23 s, longer than the draft: it never rests.
        Assert.Equal(3 * 32, three.DecodeSeconds, 1e-6);
        Assert.True(three.OverlapRatio > two.OverlapRatio);
    }

    [Fact]
    public void Sessions_share_the_stream_under_shared_only()
    {
        SimulationResult shared = Run("shared", depth: 3, first: 1, tokens: 41, sessions: 4), one = Run("prefetch", depth: 3, first: 1, tokens: 41, sessions: 4);

        Assert.Equal(shared.DecodedTokens, one.DecodedTokens);
        Assert.InRange(shared.BytesStreamed / one.BytesStreamed, 0.24, 0.35);
        Assert.InRange(shared.TokensPerSecond / one.TokensPerSecond, 2.8, 4);
    }

    [Fact]
    public void Interleave_drafts_while_the_pass_of_the_others_streams()
    {
        SimulationResult result = Run("interleave", depth: 3, first: 1, tokens: 81, sessions: 4);

        Assert.True(result.OverlapRatio > 0.85, $"{result.OverlapRatio}");
        Assert.True(result.LinkUtilization > 0.97, $"{result.LinkUtilization}");
        Assert.Equal(result.DecodeSeconds, result.VerifySeconds + result.DraftSeconds + result.StallSeconds, 1e-6);
    }

    [Fact]
    public void A_draft_with_a_resource_of_its_own_does_not_delay_the_pass()
    {
        // A step as long as three layers on the link: on a shared thread a pass has to wait for its end.
        HardwareProfile slowDraft = _machine with { DraftLayerOverheadSeconds = 24.0 / Layers };
        SimulationResult shared = Run("interleave", depth: 3, first: 1, tokens: 41, sessions: 2, machine: slowDraft);
        SimulationResult apart = Run("interleave", depth: 3, first: 1, tokens: 41, sessions: 2, machine: slowDraft with { SharesCompute = false });

        Assert.True(apart.DecodeSeconds < shared.DecodeSeconds);
        Assert.True(apart.Limit >= shared.Limit);
    }

    [Fact]
    public void Resident_layers_need_no_link()
    {
        SimulationResult result = Run("prefetch", depth: 3, first: 1, tokens: 9, placement: LayerPlacement.Resident);

        Assert.Equal(0, result.BytesStreamed);
        Assert.Equal(0, result.StallSeconds);
        Assert.Equal(2 * (3 * 2 + 4), result.DecodeSeconds, 1e-6);
    }

    [Fact]
    public void The_same_seed_gives_the_same_result_and_another_one_another()
    {
        SimulationResult a = Run("shared", 16, 0.9, 64, sessions: 2, width: 2), b = Run("shared", 16, 0.9, 64, sessions: 2, width: 2);
        Assert.Equal(a with { Histogram = [] }, b with { Histogram = [] });
        Assert.Equal(a.Histogram.AsEnumerable(), b.Histogram);
        Assert.NotEqual(a.DecodeSeconds, Run("shared", 16, 0.9, 64, sessions: 2, width: 2, seed: 8).DecodeSeconds);
    }

    [Fact]
    public void The_limit_is_never_passed()
    {
        Assert.All(
            from schedule in ScheduleCatalog.BuiltIn.Names from sessions in new[] { 1, 3 } select Run(schedule, 8, 0.9, 64, sessions, width: 2),
            result => Assert.InRange(result.LimitShare, 0.1, 1.05));
    }

    [Fact]
    public void Draft_ahead_drafts_while_the_pass_streams()
    {
        // Drafting takes 20 s a round, a pass 32 s: with two slots prefetch cannot hide all of it.
        SimulationResult prefetch = Run("prefetch", depth: 10, first: 1, tokens: 111), ahead = Run("draft-ahead", depth: 10, first: 1, tokens: 111);

        Assert.True(ahead.Ahead.Hits > 5, $"{ahead.Ahead}");
        Assert.True(ahead.OverlapRatio > 0.95, $"{ahead.OverlapRatio}");
        Assert.InRange(ahead.DecodeSeconds / ahead.Passes, 32, 33 + 1e-6); // a step that has begun may delay a layer
        Assert.Equal(38, prefetch.DecodeSeconds / prefetch.Passes, 1e-6);
    }

    [Fact]
    public void Draft_ahead_drafts_the_first_tree_while_the_pass_takes_the_prompt()
    {
        // One round after the prompt. A draft that is always right has drafted it by then, so the link never rests: a pass of 32 s, and the last step that delays it.
        SimulationResult ahead = Run("draft-ahead", depth: 10, first: 1, tokens: 12), prefetch = Run("prefetch", depth: 10, first: 1, tokens: 12);

        Assert.Equal((1, 1), (ahead.Rounds, prefetch.Rounds));
        Assert.Equal((1, 0), (ahead.Ahead.Hits, ahead.Ahead.Misses));
        Assert.InRange(ahead.DecodeSeconds, 30, 34);
        Assert.Equal(38, prefetch.DecodeSeconds, 1e-6);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void What_misses_is_drafted_anew(int sessions)
    {
        SimulationResult result = Run("draft-ahead", depth: 8, first: 0.6, tokens: 64, sessions, width: 2);

        Assert.True(result.Ahead is { Hits: > 0, Misses: > 0, WastedNodes: > 0 }, $"{result.Ahead}");
        // Where several run, a place is taken again twice, and what is decoded after the first one stays empty is not counted.
        int answers = sessions == 1 ? 1 : sessions * ClosedLoop.Turns;
        Assert.InRange(result.DecodedTokens, 63 * (answers - sessions + 1), 63 * answers);
        Assert.True(result.Tau > 0.5);
    }

    [Fact]
    public void Schedules_are_told_what_work_takes()
    {
        var heard = new List<ScheduleEvent>();
        SimulationResult result = Run("sequential", depth: 3, first: 1, tokens: 9, heard: heard);

        PassTimes[] decoding = [.. heard.OfType<ScheduleEvent.PassVerified>().Select(e => e.Times).Where(t => t.Tokens > 1)];
        Assert.Equal(2, decoding.Length);
        Assert.All(decoding, t => Assert.Equal((4, 4.0, 32.0, Layers, 4), (t.Verify.Rows, Math.Round(t.Verify.Seconds, 9), t.StreamSeconds, t.Layers, t.Tokens)));
        Assert.Equal(result.DecodeSeconds, decoding.Sum(t => t.CycleSeconds), 1e-6);
        Assert.Equal(Enumerable.Repeat((1, 2.0), 6), heard.OfType<ScheduleEvent.TreesDrafted>().SelectMany(e => e.Steps).Select(s => (s.Rows, Math.Round(s.Seconds, 9))));
    }

    [Theory]
    [InlineData(4, new[] { 0, 0, 2, 0, 1 })]
    [InlineData(8, new[] { 0, 0, 1, 0, 0, 0, 0, 1 })] // what follows a tree that was accepted to its end is not known: it is drawn, here always right
    [InlineData(2, new[] { 0, 1, 3, 0 })]
    public void A_recorded_answer_is_accepted_again_as_it_was(int depth, int[] histogram)
    {
        var good = new AcceptedChoice(0, 3);
        var answer = new RecordedAnswer(4, 12, [new([good, good, good, good], default), new([good, good], new WalkEnd(1, 1, false)), new([good, good], default)]);
        var acceptance = new AcceptanceModel(1, new RecordedAnswers(4, 1, 12, [answer]));

        SimulationResult result = Run("sequential", depth, acceptance, [new SimulatedAnswer(4, 12, 12)]);

        Assert.Equal(11, result.DecodedTokens);
        Assert.Equal(histogram, result.Histogram.Concat(Enumerable.Repeat(0, histogram.Length)).Take(histogram.Length));
    }

    [Fact]
    public void Nobody_knows_before_that_a_text_ends_early()
    {
        SimulationResult cut = Run("sequential", 8, new AcceptanceModel(1), [new SimulatedAnswer(4, 6, 64)]);

        Assert.Equal(5, cut.DecodedTokens);
        Assert.Equal(8, cut.DraftSteps);
        Assert.Equal(5, cut.Tau);
    }

    private static SimulationResult Run(
        string schedule, int depth, double first, int tokens, int sessions = 1, int width = 1, int slots = 2, ulong seed = 7,
        LayerPlacement placement = LayerPlacement.Offloaded, HardwareProfile? machine = null, List<ScheduleEvent>? heard = null)
    {
        var model = new SimulatedModel([.. Enumerable.Repeat(placement, Layers)], 800, 200, 100, placement == LayerPlacement.Offloaded ? slots : 0);
        var shape = new DraftShape(depth, width, 0.01, 1 + depth * width);
        ISchedule made = ScheduleCatalog.BuiltIn.Create(schedule, new ScheduleSettings(shape, 64));
        return Simulator.Run(new SimulationSetup(
            new Listening(made, heard ?? []), shape, new SimulatedCosts(machine ?? _machine, model), new AcceptanceModel(first), seed, sessions,
            [.. Enumerable.Repeat(new SimulatedAnswer(4, tokens, tokens), sessions)]));
    }

    private static SimulationResult Run(string schedule, int depth, AcceptanceModel acceptance, ImmutableArray<SimulatedAnswer> answers)
    {
        var model = new SimulatedModel([.. Enumerable.Repeat(LayerPlacement.Offloaded, Layers)], 800, 200, 100, 2);
        var shape = new DraftShape(depth, 1, 0.01, 1 + depth);
        ISchedule made = ScheduleCatalog.BuiltIn.Create(schedule, new ScheduleSettings(shape, 64));
        return Simulator.Run(new SimulationSetup(made, shape, new SimulatedCosts(_machine, model), acceptance, 7, 1, answers));
    }

    /// <summary>A schedule that notes what it is told.</summary>
    private sealed class Listening(ISchedule schedule, List<ScheduleEvent> heard) : ISchedule
    {
        public string Name => schedule.Name;

        public ScheduleState Start(PassId pass, RoundId round) => schedule.Start(pass, round);

        public (ScheduleState State, ImmutableArray<ScheduleCommand> Commands) Next(ScheduleState state, ScheduleEvent happened)
        {
            heard.Add(happened);
            return schedule.Next(state, happened);
        }
    }
}
