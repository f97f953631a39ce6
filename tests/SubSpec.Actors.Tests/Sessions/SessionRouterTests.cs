using Akka.Actor;
using Akka.TestKit;
using SubSpec.Actors.Client;
using SubSpec.Actors.Engines;
using SubSpec.Actors.Scheduling;
using SubSpec.Actors.Sessions;
using SubSpec.Actors.Tests.Fakes;
using SubSpec.Actors.Tokenizing;
using SubSpec.Core;
using SubSpec.Core.Generation;
using SubSpec.Core.Sampling;

namespace SubSpec.Actors.Tests.Sessions;

public class SessionRouterTests : ActorTest
{
    private static readonly SessionId Id = new("s");
    private readonly TestProbe _tokenizers, _scheduler;
    private readonly ManualTime _time = new();
    private RequestId _last;

    public SessionRouterTests() => (_tokenizers, _scheduler) = (CreateTestProbe(), CreateTestProbe());

    [Fact]
    public void A_session_encodes_enqueues_and_turns_rounds_into_a_result_with_its_times()
    {
        IActorRef router = Router();
        IActorRef session = Generate(router, "xyz");
        SequenceTimes times = new(At(0), At(1), At(3), At(3));
        session.Tell(new TokensCommitted(new SequenceId(1), Ids("a"), null, Finish.None, times));
        Assert.Equal("a", ExpectMsg<TextDelta>().Text);
        session.Tell(new TokensCommitted(new SequenceId(1), Ids("bcd"), 2, Finish.None, times with { LastToken = At(4) }));
        Assert.Equal("bcd", ExpectMsg<TextDelta>().Text);
        session.Tell(new TokensCommitted(new SequenceId(1), Ids("ef"), 1, Finish.Length, times with { LastToken = At(7) }));
        Assert.Equal("ef", ExpectMsg<TextDelta>().Text);

        GenerationResult result = ExpectMsg<Completed>().Result;
        Assert.Equal(("abcdef", FinishReason.Length, 3, 2), (result.Text, result.FinishReason, result.PromptTokens, result.Rounds));
        Assert.Equal([0, 1, 1], result.AcceptanceHistogram.AsEnumerable());
        Assert.Equal(new GenerationTimes(result.Times.ArrivedSeconds, 1, 2, 4), result.Times);
        Assert.Equal([1, 3], result.Gaps.AsEnumerable());
        _scheduler.ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void What_exceeds_the_window_waits_and_goes_out_as_one()
    {
        IActorRef router = Router();
        IActorRef session = Generate(router, "xyz", window: 1);
        foreach (string text in new[] { "a", "bc", "d" }) session.Tell(new TokensCommitted(new SequenceId(1), Ids(text), null, Finish.None, default));
        Assert.Equal("a", ExpectMsg<TextDelta>().Text);
        router.Tell(new DeltasRead(_last, 1));
        Assert.Equal("bcd", ExpectMsg<TextDelta>().Text);
        session.Tell(new TokensCommitted(new SequenceId(1), Ids("e"), null, Finish.Length, default));
        Assert.Equal("e", ExpectMsg<TextDelta>().Text);
        ExpectMsg<Completed>();
    }

    [Fact]
    public void A_stop_string_tells_the_scheduler_how_much_to_keep()
    {
        IActorRef session = Generate(Router(), "xyz", stop: "cd");
        session.Tell(new TokensCommitted(new SequenceId(1), Ids("abcdef"), 5, Finish.Length, default));
        _scheduler.ExpectMsg(new SequenceStopped(new SequenceId(1), 4));
        Assert.Equal("ab", ExpectMsg<TextDelta>().Text);
        GenerationResult result = ExpectMsg<Completed>().Result;
        Assert.Equal(("ab", FinishReason.Stop, 4), (result.Text, result.FinishReason, result.TokenIds.Length));
    }

    [Fact]
    public void A_cancel_aborts_the_sequence_and_frees_the_place()
    {
        IActorRef router = Router();
        Generate(router, "xyz");
        router.Tell(new CancelRequest(_last));
        Assert.Equal(FinishReason.Cancelled, ExpectMsg<Completed>().Result.FinishReason);
        _scheduler.ExpectMsg(new AbortSequence(new SequenceId(1)));
        router.Tell(new CancelRequest(_last));
        Generate(router, "uvw", sequence: 2);
    }

    [Fact]
    public void The_next_request_of_a_session_begins_when_the_one_before_it_has_ended()
    {
        IActorRef router = Router(waiting: 1);
        IActorRef first = Generate(router, "xyz");
        router.Tell(Submit("uvw"));
        router.Tell(Submit("rst"));
        Assert.Equal(Rejection.SessionBusy, ExpectMsg<Rejected>().Why);
        _tokenizers.ExpectNoMsg(TimeSpan.Zero);

        first.Tell(new TokensCommitted(new SequenceId(1), Ids("a"), null, Finish.Length, default) { CachedTokens = 2 });

        Assert.Equal(Id, ExpectMsg<TextDelta>().Session);
        Assert.Equal(2, ExpectMsg<Completed>().Result.CachedTokens);
        Assert.Equal(new Prompt.Text("uvw"), _tokenizers.ExpectMsg<EncodePrompt>().Prompt);
    }

    [Fact]
    public void A_waiting_request_of_a_session_can_be_cancelled_and_the_running_one_goes_on()
    {
        IActorRef router = Router(waiting: 1);
        Generate(router, "xyz");
        router.Tell(Submit("uvw"));
        router.Tell(new CancelRequest(_last));

        Assert.Equal(FinishReason.Cancelled, ExpectMsg<Completed>().Result.FinishReason);
        _scheduler.ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void A_session_that_breaks_is_a_failure_to_its_reader_and_to_nobody_else()
    {
        bool broken = true;
        IActorRef router = Router(new FakeCodec { OnDetokenizer = () => _ = broken ? throw new InvalidOperationException("broken") : 0 });
        router.Tell(Submit("abc"));
        Assert.IsType<EngineFailedException>(ExpectMsg<Failed>().Error);
        broken = false;
        Generate(router, "xyz", sequence: 2);
    }

    private static System.Collections.Immutable.ImmutableArray<int> Ids(string text) => [.. text.Select(c => c - ' ')];

    private long At(int second) => _time.GetTimestamp() + second * TimeSpan.TicksPerSecond;

    private IActorRef Router(FakeCodec? codec = null, int waiting = 0)
    {
        var limits = new SessionLimits(1, waiting, waiting);
        var services = new SessionServices(_tokenizers.Ref, _scheduler.Ref, codec ?? new FakeCodec(), _time);
        return Sys.ActorOf(Props.Create(() => new SessionRouter(services, limits, new IdSource())));
    }

    private SubmitPrompt Submit(string prompt, int window = int.MaxValue, params string[] stop) => new(
        _last = RequestId.New(),
        new GenerationRequest { Prompt = new Prompt.Text(prompt), MaxTokens = 50, Stop = [.. stop], Session = Id, Scope = "key" },
        TestActor,
        window);

    /// <summary>Submits a prompt and plays the tokenizer; the session that wants the tokens.</summary>
    private IActorRef Generate(IActorRef router, string prompt, int window = int.MaxValue, string? stop = null, long sequence = 1)
    {
        router.Tell(Submit(prompt, window, stop is null ? [] : [stop]));
        EncodePrompt encode = _tokenizers.ExpectMsg<EncodePrompt>();
        Assert.Equal((new SequenceId(sequence), new Prompt.Text(prompt)), (encode.Sequence, encode.Prompt));
        _tokenizers.Reply(new PromptEncoded(encode.Sequence, Ids(prompt)));
        EnqueueSequence enqueued = _scheduler.ExpectMsg<EnqueueSequence>();
        Assert.Equal((encode.Sequence, 50, SamplingOptions.Greedy), (enqueued.Sequence, enqueued.MaxTokens, enqueued.Sampling));
        Assert.Equal(("key", true), (enqueued.Scope, enqueued.OfSession));
        return _scheduler.LastSender;
    }
}
