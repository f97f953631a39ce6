using Akka.Actor;
using Akka.TestKit;
using SubSpec.Actors.Drafting;
using SubSpec.Actors.Engines;
using SubSpec.Actors.Tests.Fakes;
using SubSpec.Core;
using SubSpec.Core.Engine;
using SubSpec.Core.Kv;
using SubSpec.Core.Sampling;
using SubSpec.Core.Timeline;
using SubSpec.Core.Trees;

namespace SubSpec.Actors.Tests.Drafting;

public class DraftActorTests : ActorTest
{
    private static readonly EngineEpoch Epoch = new(2);
    private static readonly PassId Pass = new(1);
    private readonly FakeDraft _model = new(new ToyModel(), new FakeKvPool(256), 1);
    private readonly FakeLink _link = new(1, [0]);
    private readonly ManualTime _time = new();
    private readonly TimelineRecorder _recorder;
    private readonly TestProbe _scheduler;
    private readonly IActorRef _draft;

    public DraftActorTests()
    {
        _scheduler = CreateTestProbe();
        _recorder = new TimelineRecorder(_time);
        var meter = new ComputeMeter(_time, _recorder);
        _draft = Sys.ActorOf(Props.Create(() => new DraftActor(Epoch, _model, _link, meter, _scheduler.Ref)));
    }

    [Fact]
    public void A_round_without_limits_runs_to_its_end_and_says_what_it_cost()
    {
        _model.OnStep = _ =>
        {
            _time.Advance(2);
            _link.BusySeconds += _model.Steps == 0 ? 0.5 : 3;
        };

        _draft.Tell(RoundOf(1, StepGrants.Unlimited, 1, 2));

        TreesDrafted drafted = _scheduler.ExpectMsg<TreesDrafted>();
        Assert.Equal((Epoch, new RoundId(1), 2), (drafted.Epoch, drafted.Round, drafted.Trees.Length));
        Assert.All(drafted.Trees, t => Assert.Equal(4, t.Tree.Depth));
        Assert.Equal((4, new DraftWork(4, 8, 8, 6.5)), (drafted.Figures.Steps.Length, drafted.Figures.Work));

        TimelineLog log = _recorder.Take();
        Assert.Equal(8, log.Events.Sum(e => e.Duration) / log.TicksPerSecond);
        Assert.All(log.Events, e => Assert.Equal((Stage.Draft, new RoundId(1), 2), (e.Stage, e.Round, e.Sequences.Length)));
        Assert.Equal([2, 2, 2, 2], log.Events.Where(e => e.Duration > 0).Select(e => e.Rows));
    }

    [Fact]
    public void Grants_are_obeyed_to_the_step()
    {
        _draft.Tell(RoundOf(1, new StepGrants(1, [0, 2]), 1));
        AssertSteps(1);
        _draft.Tell(new PassWaiting(Pass, 1, 1));
        AssertSteps(3);
        _draft.Tell(new PassRunning(Pass));
        _draft.Tell(new PassWaiting(Pass, 2, 0));
        AssertSteps(3);
        _draft.Tell(new PassOver(Pass, []));
        Assert.Equal(4, _scheduler.ExpectMsg<TreesDrafted>().Figures.Steps.Length);
    }

    [Fact]
    public void A_round_that_was_ordered_inside_a_pass_may_come_after_its_end()
    {
        _draft.Tell(new PassOver(Pass, []));
        _draft.Tell(RoundOf(1, StepGrants.BeforeEachLayer(9), 1) with { Inside = Pass });
        Assert.Equal(4, _scheduler.ExpectMsg<TreesDrafted>().Figures.Steps.Length);

        _draft.Tell(RoundOf(2, StepGrants.BeforeEachLayer(2), 1) with { Inside = Pass.Next });
        AssertSteps(4);
        _draft.Tell(new PassWaiting(Pass.Next, 0, 0));
        AssertSteps(6);
        _draft.Tell(new PassOver(Pass.Next, []));
        Assert.Equal(4, _scheduler.ExpectMsg<TreesDrafted>().Figures.Steps.Length);
    }

    [Fact]
    public void Rounds_and_steps_that_are_over_are_dropped_and_counted()
    {
        _draft.Tell(RoundOf(2, StepGrants.Unlimited, 1));
        _scheduler.ExpectMsg<TreesDrafted>();

        _draft.Tell(RoundOf(2, StepGrants.Unlimited, 1));
        _scheduler.ExpectMsg(new StaleDropped(Epoch, nameof(Draft)));
        _draft.Tell(new DraftStep(new RoundId(2)));
        _scheduler.ExpectMsg(new StaleDropped(Epoch, nameof(DraftStep)));
        Assert.Single(_model.Rounds);
    }

    [Fact]
    public void A_dropped_sequence_leaves_the_round_and_the_others_go_on()
    {
        _draft.Tell(RoundOf(1, StepGrants.None, 1, 2));
        _draft.Tell(new DropSequence(new SequenceId(1)));
        _draft.Tell(new DropSequence(new SequenceId(9)));
        _draft.Tell(new PassOver(Pass, []));
        Assert.Equal(new SequenceId(2), Assert.Single(_scheduler.ExpectMsg<TreesDrafted>().Trees).Sequence);
    }

    [Fact]
    public void When_the_last_sequence_is_dropped_the_round_ends_with_nothing()
    {
        _draft.Tell(RoundOf(1, StepGrants.None, 1));
        _draft.Tell(new DropSequence(new SequenceId(1)));
        Assert.Empty(_scheduler.ExpectMsg<TreesDrafted>().Trees);
        Assert.Equal((0, 1), (_model.Steps, _model.Abandoned));
        _draft.Tell(RoundOf(2, StepGrants.Unlimited, 2));
        Assert.Single(_scheduler.ExpectMsg<TreesDrafted>().Trees);
    }

    private static Draft RoundOf(long round, StepGrants grants, params long[] sequences)
    {
        var shape = new DraftShape(4, 1, 0, 9);
        DraftSeed[] seeds = [.. sequences.Select(s => new DraftSeed(
            new SequenceId(s), new KvLease(new SequenceId(s), s, [.. Enumerable.Range((int)s * 16, 16)]), 0, 5, shape, SamplingOptions.Greedy, TokenHistory.Empty))];
        return new Draft(new DraftPlan(new RoundId(round), [.. seeds]), grants);
    }

    // Steps are messages to itself: one round trip per possible step shows that no more come.
    private void AssertSteps(int steps)
    {
        for (int i = 0; i < 6; i++)
        {
            _draft.Tell(new Identify(i), TestActor);
            ExpectMsg<ActorIdentity>();
        }
        Assert.Equal(steps, _model.Steps);
    }
}
