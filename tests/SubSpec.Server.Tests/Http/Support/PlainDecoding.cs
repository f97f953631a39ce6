using SubSpec.Core.Generation;
using SubSpec.Core.Planning;
using SubSpec.Core.Trees;

namespace SubSpec.Server.Tests.Http.Support;

/// <summary>The real engine, which drafts nothing.</summary>
internal sealed class PlainDecoding : IInferenceHostFactory
{
    private readonly InferenceHostFactory _real = new();

    public Task<IInferenceHost> StartAsync(HostOptions options, IProgress<LoadProgress>? progress, CancellationToken cancel) =>
        _real.StartAsync(options with { Shape = DraftShape.None, LargestShape = DraftShape.None }, progress, cancel);

    public GenerationDefaults GenerationDefaults(string modelPath) => _real.GenerationDefaults(modelPath);

    public PlanReport Plan(HostOptions options, CostModel? cost = null) => throw new NotSupportedException();

    public ModelDescription Inspect(string path) => throw new NotSupportedException();

    public DoctorReport Doctor(HostOptions? options, string device, CancellationToken cancel) => throw new NotSupportedException();
}
