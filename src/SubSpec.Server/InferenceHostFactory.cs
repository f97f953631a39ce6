using System.Collections.Immutable;
using System.Diagnostics;
using SubSpec.Core;
using SubSpec.Core.Engine;
using SubSpec.Core.Generation;
using SubSpec.Core.Planning;
using SubSpec.Core.Text;
using SubSpec.Core.Trees;
using SubSpec.Text;
using SubSpec.Torch.Cuda;
using SubSpec.Torch.Engine;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Models;
using SubSpec.Torch.Quantization;

namespace SubSpec.Server;

/// <summary>Builds hosts for the devices of this machine.</summary>
public sealed class InferenceHostFactory : IInferenceHostFactory
{
    /// <summary>The weights of every model that is loaded, in place of its folder's safetensors; null for those.</summary>
    public ITensorSource? Weights { get; init; }

    /// <summary>Put around every engine that is built, to inject failures; null for nothing.</summary>
    internal Func<IEngine, IEngine>? Decorate { get; init; }

    /// <summary>Finds the CUDA device of an index.</summary>
    internal Func<int, CudaDevice> OpenCuda { get; init; } = CudaDevice.Open;

    /// <summary>Examines the CUDA device of an index.</summary>
    internal Func<int, CancellationToken, DeviceFindings> ExamineCuda { get; init; } = DeviceExamination.Run;

    public async Task<IInferenceHost> StartAsync(HostOptions options, IProgress<LoadProgress>? progress, CancellationToken cancel)
    {
        long start = Stopwatch.GetTimestamp();
        Check(options);
        progress?.Report(new LoadProgress(LoadStage.Opening, 0, null));
        CudaDevice? device = OpenDevice(options);
        var blueprint = EngineBlueprint.Draw(EngineOptionsFrom(options, device) with { Weights = Weights });
        if (device is not null) CudaEngine.Check(blueprint, device);
        var warnings = new List<string>();
        TimeSpan opened = Stopwatch.GetElapsedTime(start), loaded = default;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        // Tokenizer and actors start while the disk works.
        Task<ModelAssets> loading = Task.Run(Load, CancellationToken.None);
        try
        {
            ITextCodec codec = HuggingFaceTokenizer.Load(options.ModelPath);
            return await InferenceHost.StartAsync(
                blueprint, loading, codec, options, engine => Describe(options, blueprint, loading.Result, engine, Times(engine), warnings), cancel, Decorate, device,
                progress is null ? null : new EngineProgress(progress, TimeProvider.System)).ConfigureAwait(false);
        }
        catch
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)loading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (loading.IsCompletedSuccessfully) loading.Result.Dispose();
            throw;
        }

        ModelAssets Load()
        {
            ModelAssets assets = InferenceHostFactory.Load(blueprint, progress, warnings.Add, stop.Token);
            loaded = Stopwatch.GetElapsedTime(start);
            // On a device other steps come first.
            if (device is null) progress?.Report(new LoadProgress(LoadStage.Probing, 0, null));
            return assets;
        }

        LoadTimes Times(IDeviceEngine engine)
        {
            double substitutes = loading.Result.SubstituteSeconds, probe = engine.ProbeTime.TotalSeconds;
            return new LoadTimes(
                opened.TotalSeconds, (loaded - opened).TotalSeconds - substitutes, substitutes, (Stopwatch.GetElapsedTime(start) - loaded).TotalSeconds - probe, probe);
        }
    }

    public PlanReport Plan(HostOptions options, CostModel? cost = null)
    {
        Check(options);
        // With a budget of its own a plan for a device needs no device.
        EngineOptions engine = EngineOptionsFrom(options, options.MemoryBudget is null ? OpenDevice(options) : null) with { Weights = Weights };
        if (!Directory.Exists(options.ModelPath)) return Report(EngineBlueprint.PlanOnly(engine, cost));
        EngineBlueprint blueprint = EngineBlueprint.Draw(engine, cost);
        return Report((blueprint.Shape, blueprint.Plan));

        PlanReport Report((EngineShape Shape, MemoryPlan Plan) drawn)
        {
            ModelDescription model = Inspect(options.ModelPath);
            return new PlanReport(model, drawn.Plan, options.MemoryBudget is null, PlanReport.ProcessOverhead(model.VocabularySize, drawn.Shape.Bf16Units));
        }
    }

    public ModelDescription Inspect(string path) => ModelInspector.Describe(path);

    public GenerationDefaults GenerationDefaults(string modelPath) => GenerationConfig.Read(modelPath).Defaults;

    public DoctorReport Doctor(HostOptions? options, string device, CancellationToken cancel)
    {
        CheckDevice(device);
        int? wanted = CudaDevice.Parse(device);
        int index = wanted ?? 0;
        return new DoctorReport(MachineDoctor.Examine(options is null ? null : options with { Device = device }, ExamineCuda(index, cancel), wanted is not null, () => OpenCuda(index), cancel));
    }

    /// <param name="device">Whose free memory decides where no budget is given; null for the processor's.</param>
    internal static EngineOptions EngineOptionsFrom(HostOptions options, CudaDevice? device = null)
    {
        int treeRows = options.Drafts ? options.LargestShape.KvRows(options.Sessions) : 1;
        return new EngineOptions
        {
            ModelFolder = options.ModelPath,
            MemoryBudget = options.MemoryBudget ?? DefaultBudget.For(options, device),
            CudaDevice = CudaDevice.Parse(options.Device),
            HostMemory = (long)(DefaultBudget.AvailableBytes() * EngineOptions.PinnedShare),
            Context = options.Context,
            Sequences = options.Sessions,
            TreeRows = treeRows,
            PassRows = options.PassRows,
            // One step takes the frontiers of all sequences; their trees together fit into a pass.
            DraftRows = Math.Clamp(Math.Max(DraftShape.AheadRows, options.LargestShape.Width) * options.Sessions, 1, options.PassRows),
            RingSlots = options.Ring,
            LinkBandwidth = options.LinkBandwidth,
            Threads = options.Threads,
            SubstituteBits = options.SubstituteBits,
            Drafts = options.Drafts,
            CacheFolder = options.CacheFolder,
        };
    }

    private static void Check(HostOptions options)
    {
        CheckDevice(options.Device);
        options.Schedules.Create(options.Schedule, options.SettingsFor(options.Shape));
    }

    private static void CheckDevice(string device)
    {
        if (device != "cpu" && CudaDevice.Parse(device) is null) throw new BadInputException($"--device '{device}' is unknown: use cpu, cuda or cuda:N");
    }

    /// <summary>Finds the CUDA device that is asked for; null for the processor.</summary>
    private CudaDevice? OpenDevice(HostOptions options) => CudaDevice.Parse(options.Device) is { } index ? OpenCuda(index) : null;

    private static ModelAssets Load(EngineBlueprint blueprint, IProgress<LoadProgress>? progress, Action<string> warn, CancellationToken cancel)
    {
        long total = Math.Max(1, blueprint.Plan.Parts.Where(p => p.Name is "embedding" or "head" or "resident layers").Sum(p => p.Bytes)), read = 0;
        void Loaded(long bytes)
        {
            cancel.ThrowIfCancellationRequested();
            progress?.Report(new LoadProgress(LoadStage.LoadingWeights, Math.Min(1, (read += bytes) / (double)total), null));
        }

        return ModelAssets.Load(blueprint, Loaded, new BuildingProgress(progress, cancel), warn);
    }

    private static HostInfo Describe(
        HostOptions options, EngineBlueprint blueprint, ModelAssets assets, IDeviceEngine engine, LoadTimes loading, List<string> warnings)
    {
        bool offloads = blueprint.Plan.Offloaded > 0, direct = !offloads || engine.Link.Stats.DirectIo;
        if (!direct) warnings.Add($"{options.ModelPath}: the file system refuses direct I/O; buffered reads are used");
        if (!engine.Deterministic)
            warnings.Add(CudaDevice.Parse(options.Device) is null
                ? "the start-up probe found rows that depend on their batch: outputs may differ between schedules"
                : "on cuda a row's last bits may depend on its batch: where two tokens are nearly as likely, outputs may differ between schedules");
        return new HostInfo(
            options.ModelName,
            blueprint.Model.Config.Label,
            blueprint.Plan,
            loading,
            assets.Report is { } report ? new SubstituteReport(options.SubstituteBits, report.Built, report.Loaded, report.Seconds, report.RelativeError) : null,
            direct,
            engine.Deterministic,
            blueprint.Shape.Threads,
            options.LinkBandwidth,
            options.Device,
            [.. warnings]);
    }

    /// <summary>Passes quantization's progress on, and stops it when loading is cancelled.</summary>
    private sealed class BuildingProgress(IProgress<LoadProgress>? progress, CancellationToken cancel) : IProgress<QuantizationProgress>
    {
        public void Report(QuantizationProgress value)
        {
            cancel.ThrowIfCancellationRequested();
            progress?.Report(new LoadProgress(LoadStage.BuildingSubstitutes, (double)value.Done / value.Total, value.Left));
        }
    }
}
