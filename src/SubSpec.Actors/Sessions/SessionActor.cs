using System.Collections.Immutable;
using Akka.Actor;
using SubSpec.Actors.Scheduling;
using SubSpec.Actors.Tokenizing;
using SubSpec.Core;
using SubSpec.Core.Generation;
using SubSpec.Core.Sampling;
using SubSpec.Core.Text;
using SubSpec.Core.Timeline;
using SubSpec.Core.Trees;

namespace SubSpec.Actors.Sessions;

/// <summary>What every session talks to.</summary>
internal sealed record SessionServices(IActorRef Tokenizers, IActorRef Scheduler, ITextCodec Codec, TimeProvider Time)
{
    public ITimeline Timeline { get; init; } = ITimeline.Off;
}

/// <summary>
/// One generation: encodes the prompt, turns tokens into text, cuts at stop strings, and keeps what a slow reader has not asked for
/// yet, so that the engine never waits for a reader.
/// <code>
/// (new) --SubmitPrompt--> (encoding) --PromptEncoded--> (generating) --TokensCommitted*, the last with a finish--> Completed
///                              \--PromptRefused--> Failed     \--stop string | CancelRequest--> Completed   \--SequenceFailed--> Failed
/// </code>
/// </summary>
internal sealed class SessionActor(SequenceId sequence, SessionServices services) : UntypedActor
{
    private readonly RoundHistogram _histogram = new();
    private readonly ImmutableArray<RoundWalk>.Builder _walks = ImmutableArray.CreateBuilder<RoundWalk>();
    private readonly ImmutableArray<double>.Builder _gaps = ImmutableArray.CreateBuilder<double>();
    private SubmitPrompt? _submitted;
    private SessionText? _text;
    private int _window;
    private int _promptTokens;
    private int _cachedTokens;
    private bool _running;
    private SequenceTimes _times;

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case SubmitPrompt m when _submitted is null:
                OnSubmit(m);
                break;
            case PromptEncoded m when _submitted is not null:
                _promptTokens = m.Tokens.Length;
                _running = true;
                GenerationRequest request = _submitted.Request;
                services.Scheduler.Tell(new EnqueueSequence(sequence, m.Tokens, request.Sampling, request.MaxTokens)
                {
                    TopLogProbs = request.TopLogProbs,
                    Scope = request.Scope,
                    OfSession = request.Session is not null,
                });
                break;
            case PromptRefused m:
                Fail(m.Error);
                break;
            case TokensCommitted m:
                OnTokens(m);
                break;
            case SequenceFailed m:
                _running = false;
                Fail(m.Error);
                break;
            case CancelRequest:
                Complete(FinishReason.Cancelled);
                break;
            case DeltasRead m:
                // A window without end stays one.
                if (_window != int.MaxValue) _window += m.Count;
                SendUnsent();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    /// <summary>However the session ends, its sequence does not outlive it.</summary>
    protected override void PostStop()
    {
        if (_running) services.Scheduler.Tell(new AbortSequence(sequence));
    }

    private void OnSubmit(SubmitPrompt submitted)
    {
        (_submitted, _window) = (submitted, submitted.Window);
        try
        {
            submitted.Request.Validate();
        }
        catch (BadInputException e)
        {
            Fail(e);
            return;
        }
        _text = new SessionText(services.Codec.CreateDetokenizer(afterText: true), submitted.Request.Stop);
        services.Tokenizers.Tell(new EncodePrompt(sequence, submitted.Request.Prompt));
    }

    private void OnTokens(TokensCommitted committed)
    {
        SessionText text = _text!;
        if (_times.LastToken != 0) _gaps.Add(services.Time.GetElapsedTime(_times.LastToken, committed.Times.LastToken).TotalSeconds);
        (_times, _cachedTokens) = (committed.Times, committed.CachedTokens);
        if (committed.Accepted is { } accepted) _histogram.Add(accepted);
        if (committed.Walk is { } walk) _walks.Add(walk);
        long start = services.Timeline.Now();
        text.Append(committed.Tokens, committed.LogProbs, committed.Finish == Finish.EndOfText);
        RecordText(start, committed.Tokens.Length);
        if (text.Stopped)
        {
            _running = false;
            services.Scheduler.Tell(new SequenceStopped(sequence, text.Tokens.Length));
            Complete(FinishReason.Stop);
        }
        else if (committed.Finish != Finish.None)
        {
            _running = false;
            Complete(committed.Finish == Finish.EndOfText ? FinishReason.Stop : FinishReason.Length);
        }
        else SendUnsent();
    }

    private void RecordText(long start, int tokens)
    {
        ITimeline timeline = services.Timeline;
        if (timeline.IsOn) timeline.Record(new TimelineEvent(Stage.Detokenize, start, timeline.Now() - start) { Rows = tokens, Sequences = [sequence] });
    }

    private void SendUnsent()
    {
        if (_window < 1 || _text?.TakeUnsent(_submitted!.Session) is not { } delta) return;
        if (_window != int.MaxValue) _window--;
        _submitted.Subscriber.Tell(delta);
    }

    private void Complete(FinishReason reason)
    {
        SubmitPrompt submitted = _submitted!;
        ImmutableArray<int> tokens = [];
        ImmutableArray<TokenLogProbs> logProbs = [];
        string text = "";
        if (_text is not null)
        {
            _text.End();
            if (_text.Stopped && reason == FinishReason.Length) reason = FinishReason.Stop;
            (tokens, logProbs, text) = (_text.Tokens, _text.LogProbs, _text.Text);
            // The last words go out whatever the window is; the reader's channel has room for them.
            if (_text.TakeUnsent(submitted.Session) is { } rest) submitted.Subscriber.Tell(rest);
        }
        var result = new GenerationResult(
            tokens, text, reason, _promptTokens, _histogram.Rounds, _histogram.Counts, submitted.Request.Sampling.Seed, Seconds())
        {
            LogProbs = logProbs,
            Walks = _walks.ToImmutable(),
            CachedTokens = _cachedTokens,
            Gaps = _gaps.ToImmutable(),
        };
        End(new Completed(submitted.Session, result));
    }

    private void Fail(Exception error) => End(new Failed(_submitted!.Session, error));

    private void End(object last)
    {
        _submitted!.Subscriber.Tell(last);
        Context.Parent.Tell(new SessionEnded(_submitted.Id));
        Context.Stop(Self);
    }

    private GenerationTimes Seconds()
    {
        if (_times.Started == 0) return GenerationTimes.Zero;
        double Between(long from, long to) => services.Time.GetElapsedTime(from, to).TotalSeconds;
        return new GenerationTimes(
            Between(0, _times.Enqueued), Between(_times.Enqueued, _times.Started), Between(_times.Started, _times.FirstToken), Between(_times.FirstToken, _times.LastToken));
    }
}
