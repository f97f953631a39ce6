using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using SubSpec.Actors.Engines;
using SubSpec.Core;
using SubSpec.Core.Engine;
using SubSpec.Core.Generation;
using SubSpec.Core.Text;
using SubSpec.Core.Timeline;
using SubSpec.Core.Trees;
using SubSpec.Server;

namespace SubSpec.Cli.Tests.Support;

/// <summary>
/// A host whose numbers are easy to follow: token i of an answer is a function of prompt and i; a drafted round accepts 3 tokens
/// and takes 1/32 s, its draft is wrong once, a plain one takes 1/64 s; each streams 1000 bytes at 64 kB/s. The prompt is one such plain round.
/// An answer begins when another one has ended, or all have. The timeline gets a read, a draft step, a layer and the tokens of each round.
/// </summary>
internal sealed class FakeHost(FakeHosts fakes, HostOptions options) : IInferenceHost
{
    public const int Accepted = 3;

    public const double PlainSeconds = 1.0 / 64;

    public const double DraftedSeconds = 1.0 / 32;

    private readonly Lock _lock = new();
    private readonly Queue<double> _ended = new();
    private EngineTotals _totals = EngineTotals.Zero;
    private double _latest, _began;
    private int _running;
    private DraftShape _shape = options.Shape;
    private long _passes;

    public HostInfo Info { get; } = fakes.Info with { Model = options.ModelName, LinkBandwidth = options.LinkBandwidth };

    public ITextCodec Codec => fakes.Codec;

    public ModelLimits Limits { get; } = new(2048, 100, [], 256);

    public long PeakFastTierBytes => 123_456;

    public async IAsyncEnumerable<GenerationEvent> GenerateAsync(GenerationRequest request, [EnumeratorCancellation] CancellationToken cancel)
    {
        fakes.Requests.Add(request);
        if (fakes.RequestError is { } error) throw error;
        string prompt = request.Prompt switch
        {
            Prompt.Chat chat => chat.Messages[^1].Content,
            Prompt.Text text => text.Value,
            _ => "",
        };
        SessionId session = request.Session ?? SessionId.New();
        bool drafts = _shape.Depth > 0;
        double arrived = Begin();
        var walks = ImmutableArray.CreateBuilder<RoundWalk>();
        var tokens = ImmutableArray.CreateBuilder<int>();
        Book(PlainSeconds, drafted: false);
        Note(Stage.Prefill, drafted: false, tokens: 1);
        while (tokens.Count < request.MaxTokens)
        {
            await Task.Yield();
            int more = tokens.Count == 0 ? 1 : Math.Min(drafts ? Accepted + 1 : 1, request.MaxTokens - tokens.Count);
            if (tokens.Count > 0)
            {
                walks.Add(new RoundWalk([.. new AcceptedChoice[more - 1]], default));
                Book(drafts ? DraftedSeconds : PlainSeconds, drafts, rounds: 1);
            }
            ImmutableArray<int> added = [.. Enumerable.Range(tokens.Count, more).Select(i => Token(prompt, i, drafts))];
            if (tokens.Count > 0) Note(Stage.Verify, drafts, added.Length);
            tokens.AddRange(added);
            yield return new TextDelta(session, string.Concat(added.Select(t => $"w{t} ")), added);
            fakes.AfterDelta?.Invoke(tokens.Count);
            cancel.ThrowIfCancellationRequested();
        }
        int rounds = walks.Count;
        double round = drafts ? DraftedSeconds : PlainSeconds;
        ImmutableArray<int> histogram = drafts ? [0, 0, 0, rounds] : [rounds];
        string answer = string.Concat(tokens.Select(t => $"w{t} "));
        var times = new GenerationTimes(arrived, 0, PlainSeconds, rounds * round);
        End(times.LastTokenSeconds);
        yield return new Completed(session, new GenerationResult(
            tokens.ToImmutable(), answer, FinishReason.Length, prompt.Length, rounds, histogram, request.Sampling.Seed, times)
        {
            Walks = walks.ToImmutable(),
            Gaps = [.. Enumerable.Repeat(round, rounds)],
        });
    }

    public Task UseScheduleAsync(string schedule, DraftShape shape, CancellationToken cancel)
    {
        fakes.Schedules.Add((schedule, shape));
        _shape = shape;
        return Task.CompletedTask;
    }

    public Task<EngineTotals> GetTotalsAsync(CancellationToken cancel)
    {
        lock (_lock) return Task.FromResult(_totals);
    }

    public async Task<EngineLoad> GetLoadAsync(CancellationToken cancel) =>
        new(EngineState.Ready, await GetTotalsAsync(cancel), Running: 0, Waiting: 0, KvSlots: 1, KvCommitted: 0, Limits);

    public ValueTask DisposeAsync()
    {
        fakes.Disposed++;
        return ValueTask.CompletedTask;
    }

    private void Note(Stage walk, bool drafted, int tokens)
    {
        ITimeline timeline = options.Timeline;
        var pass = new PassId(Interlocked.Increment(ref _passes));
        RoundId round = drafted ? new RoundId(pass.Value) : default;
        Note(new TimelineEvent(Stage.Stream, 0, 0) { Pass = pass, Layer = 0, Bytes = 1000 });
        if (drafted) Note(new TimelineEvent(Stage.Draft, 0, 0) { Round = round, Rows = 2, Sequences = [new SequenceId(1)] });
        Note(new TimelineEvent(walk, 0, 0) { Pass = pass, Round = round, Layer = 0, Rows = 4, Sequences = [new SequenceId(1)] });
        Note(new TimelineEvent(Stage.Commit, 0, 0) { Pass = pass, Round = round, Rows = tokens, Sequences = [new SequenceId(1)] });

        void Note(TimelineEvent what)
        {
            long now = timeline.Now();
            timeline.Record(what with { Start = now, Duration = timeline.Now() - now });
        }
    }

    private double Begin()
    {
        lock (_lock)
        {
            if (_running++ > 0) return _ended.TryDequeue(out double place) ? place : _began;
            _ended.Clear();
            return _began = _latest;
        }
    }

    private void End(double at)
    {
        lock (_lock)
        {
            _running--;
            _latest = Math.Max(_latest, at);
            _ended.Enqueue(at);
        }
    }

    private int Token(string prompt, int index, bool drafted) =>
        (prompt.Length * 7 + index * 13) % 100 + (drafted && index == fakes.DivergesAt ? 1000 : 0);

    private void Book(double seconds, bool drafted, int rounds = 0)
    {
        lock (_lock)
        {
            _totals = _totals with
            {
                Passes = _totals.Passes + 1,
                Rounds = _totals.Rounds + rounds,
                BytesStreamed = _totals.BytesStreamed + 1000,
                BytesRead = _totals.BytesRead + 1000,
                LinkBusySeconds = _totals.LinkBusySeconds + PlainSeconds,
                VerifySeconds = _totals.VerifySeconds + seconds / 4,
                DraftSeconds = _totals.DraftSeconds + (drafted ? seconds / 2 : 0),
                StallSeconds = _totals.StallSeconds + seconds / 8,
                DraftChoices = _totals.DraftChoices + (drafted ? Accepted + 1 : 0),
                DraftAgreed = _totals.DraftAgreed + (drafted ? Accepted : 0),
                OverlapSeconds = _totals.OverlapSeconds + (drafted ? seconds / 4 : 0),
            };
        }
    }
}
