using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using SubSpec.Actors.Engines;
using SubSpec.Core.Engine;
using SubSpec.Core.Generation;
using SubSpec.Core.Planning;
using SubSpec.Core.Text;
using SubSpec.Core.Trees;

namespace SubSpec.Server.Tests.Http.Support;

/// <summary>What a fake model says to one request: texts, each a delta of one token; it may wait between them.</summary>
internal delegate IAsyncEnumerable<string> Script(GenerationRequest request, CancellationToken cancel);

/// <summary>A model that says what a test wants, when the test wants it; for what the real one cannot show on demand.</summary>
internal sealed class FakeModel(Script script) : IInferenceHostFactory
{
    public ITextCodec Codec { get; init; } = TestServices.Codec;

    /// <summary>Called by every load; what it gives is waited for.</summary>
    public Func<IProgress<LoadProgress>?, CancellationToken, Task> OnLoad { get; init; } = (_, _) => Task.CompletedTask;

    /// <summary>Called by every unloading.</summary>
    public Action OnUnload { get; init; } = () => { };

    public PrefillProgress Prefill { get; init; }

    public FinishReason Finish { get; init; } = FinishReason.Stop;

    public int Loads { get; private set; }

    public int Unloads { get; private set; }

    public List<GenerationRequest> Requests { get; } = [];

    public static FakeModel Saying(params string[] texts) => new((_, _) => texts.ToAsyncEnumerable());

    public async Task<IInferenceHost> StartAsync(HostOptions options, IProgress<LoadProgress>? progress, CancellationToken cancel)
    {
        Loads++;
        await OnLoad(progress, cancel);
        return new Host(this, script);
    }

    public GenerationDefaults GenerationDefaults(string modelPath) => Core.Generation.GenerationDefaults.None;

    public PlanReport Plan(HostOptions options, CostModel? cost = null) => throw new NotSupportedException();

    public ModelDescription Inspect(string path) => throw new NotSupportedException();

    public DoctorReport Doctor(HostOptions? options, string device, CancellationToken cancel) => throw new NotSupportedException();

    private sealed class Host(FakeModel model, Script script) : IInferenceHost
    {
        private static readonly MemoryPlan Plan = new(0, [], 1, [], 0, 0, 0, 0, 0);

        public HostInfo Info { get; } = new("demo", null, Plan, new LoadTimes(0, 0, 0, 0, 0), null, true, true, 1, null, "cpu", []);

        public ITextCodec Codec => model.Codec;

        public ModelLimits Limits { get; } = new(1024, 4096, [4093, 4095], 256);

        public long PeakFastTierBytes => 0;

        public async IAsyncEnumerable<GenerationEvent> GenerateAsync(GenerationRequest request, [EnumeratorCancellation] CancellationToken cancel)
        {
            lock (model.Requests) model.Requests.Add(request);
            SessionId session = SessionId.New();
            var said = new List<string>();
            await foreach (string text in script(request, cancel))
            {
                said.Add(text);
                yield return new TextDelta(session, text, [said.Count]);
            }
            ImmutableArray<int> tokens = [.. Enumerable.Range(1, said.Count)];
            var prompt = (Prompt.Tokens)request.Prompt;
            yield return new Completed(session, new GenerationResult(
                tokens, string.Concat(said), model.Finish, prompt.Ids.Length, 0, [], request.Sampling.Seed, GenerationTimes.Zero));
        }

        public Task UseScheduleAsync(string schedule, DraftShape shape, CancellationToken cancel) => Task.CompletedTask;

        public Task<EngineTotals> GetTotalsAsync(CancellationToken cancel) => Task.FromResult(EngineTotals.Zero);

        public Task<EngineLoad> GetLoadAsync(CancellationToken cancel) => Task.FromResult(new EngineLoad(EngineState.Ready, EngineTotals.Zero, 0, 0, 1024, 0, Limits) { Prefill = model.Prefill });

        public ValueTask DisposeAsync()
        {
            model.Unloads++;
            model.OnUnload();
            return ValueTask.CompletedTask;
        }
    }
}
