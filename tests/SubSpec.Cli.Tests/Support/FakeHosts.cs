using System.Collections.Concurrent;
using System.Collections.Immutable;
using SubSpec.Core.Generation;
using SubSpec.Core.Planning;
using SubSpec.Core.Text;
using SubSpec.Core.Trees;
using SubSpec.Server;

namespace SubSpec.Cli.Tests.Support;

/// <summary>Makes <see cref="FakeHost"/>s, remembers what was asked of them, and misbehaves on request.</summary>
internal sealed class FakeHosts : IInferenceHostFactory
{
    public static MemoryPlan SomePlan { get; } = new(
        BudgetBytes: 10_000,
        [LayerPlacement.Offloaded, LayerPlacement.Resident, LayerPlacement.ResidentWithSubstitute],
        RingSlots: 1,
        [new PlanPart("embedding", 2048), new PlanPart("KV cache", 4096)],
        StreamedBytes: 1000,
        StreamSeconds: 0.125,
        RoundSeconds: 0.25,
        OffloadedRoundSeconds: 0.5,
        SmallestBytes: 3000);

    public static ModelDescription SomeModel { get; } = new(
        "/models/some", "qwen2", "enlarged 4x", 3, 256, 768, 4, 2, 64, 4096, 1024, true, "bf16", 7_350_000, 14_700_000,
        [new PlanPart("layers", 12_700_000), new PlanPart("embedding", 2_000_000)], 4096, ["/models/some/a.safetensors", "/models/some/b.safetensors"], 99,
        ["/models/some/tokenizer.json"], true, [5, 7], new GenerationDefaults(0.7, null, 20, null, null), ["/models/some: something is wrong"]);

    public HostInfo Info { get; set; } = new(
        "", null, SomePlan, new LoadTimes(0.125, 0.25, 0.5, 0.375, 0.25), new SubstituteReport(4, 1, 1, 0.5, 0.081), DirectIo: true, Deterministic: true, Threads: 2, null, "cpu", []);

    public ITextCodec Codec { get; set; } = new FakeCodec(hasChatTemplate: true);

    /// <summary>Thrown instead of starting.</summary>
    public Exception? StartError { get; set; }

    /// <summary>Thrown by every request.</summary>
    public Exception? RequestError { get; set; }

    /// <summary>Called while loading.</summary>
    public Action? WhileLoading { get; set; }

    /// <summary>Called after each delta with the tokens so far.</summary>
    public Action<int>? AfterDelta { get; set; }

    /// <summary>The token at which drafted answers are wrong; -1 for never.</summary>
    public int DivergesAt { get; set; } = -1;

    public DoctorReport Report { get; set; } = new(
    [
        new DoctorCheck("cpu_features", "processor", "AVX2, no AVX-512", DoctorVerdict.Slow, "drafting is slower without AVX-512"),
        new DoctorCheck("direct_io", "direct I/O", "works", DoctorVerdict.Good, null),
    ]);

    /// <summary>What hosts were started with, or plans and examinations asked for.</summary>
    public List<HostOptions?> Asked { get; } = [];

    public List<string> Inspected { get; } = [];

    public ConcurrentBag<GenerationRequest> Requests { get; } = [];

    public List<(string Schedule, DraftShape Shape)> Schedules { get; } = [];

    public GenerationDefaults Defaults { get; set; } = Core.Generation.GenerationDefaults.None;

    public int Disposed { get; set; }

    public string? DoctorDevice { get; private set; }

    public Task<IInferenceHost> StartAsync(HostOptions options, IProgress<LoadProgress>? progress, CancellationToken cancel)
    {
        Asked.Add(options);
        if (StartError is { } error) throw error;
        progress?.Report(new LoadProgress(LoadStage.BuildingSubstitutes, 0.5, TimeSpan.FromSeconds(42)));
        WhileLoading?.Invoke();
        cancel.ThrowIfCancellationRequested();
        return Task.FromResult<IInferenceHost>(new FakeHost(this, options));
    }

    public PlanReport Plan(HostOptions options, CostModel? cost = null)
    {
        Asked.Add(options);
        return new PlanReport(SomeModel, SomePlan, BudgetIsDefault: options.MemoryBudget is null, ProcessBytes: 1 << 20);
    }

    public ModelDescription Inspect(string path)
    {
        Inspected.Add(path);
        return SomeModel;
    }

    public GenerationDefaults GenerationDefaults(string modelPath) => Defaults;

    public DoctorReport Doctor(HostOptions? options, string device, CancellationToken cancel)
    {
        Asked.Add(options);
        DoctorDevice = device;
        return Report;
    }
}
