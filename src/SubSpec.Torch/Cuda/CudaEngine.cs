using System.Diagnostics;
using SubSpec.Core;
using SubSpec.Core.Engine;
using SubSpec.Core.Planning;
using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;
using SubSpec.Torch.Engine;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Models;
using SubSpec.Torch.Native.Aten;
using SubSpec.Torch.Ops;
using SubSpec.Torch.Streaming;

namespace SubSpec.Torch.Cuda;

/// <summary>
/// The engine of the <c>cuda</c> device: its memory within a budget is the fast tier, pinned memory of the host the slow one, or the checkpoint's
/// files behind a pinned ring where the host has too little. What the assets hold is copied to the device for every engine anew.
/// </summary>
public sealed class CudaEngine : IDeviceEngine
{
    // The memory-efficient attention of bf16 reads 16 bytes at once (cutlassF.h: there are aligned kernels only).
    private const int HeadAlignment = 8;

    private readonly List<IDisposable> _owned = [];
    private readonly CudaDevice _device;
    private readonly long _freeAtStart;
    private readonly DeviceKv _kv;
    private readonly DeviceLink _link;
    private readonly TargetPass _target;
    private readonly DraftModel _draft;
    private long _peak;

    /// <summary>Takes the memory that the plan promises, in one piece, and loads. Throws <see cref="BadInputException"/> where the device has less free.</summary>
    /// <param name="progress">Told how far it is, by one thread at a time.</param>
    /// <param name="cancel">Gives up building; what has been taken by then is given back.</param>
    public CudaEngine(CudaDevice device, EngineBlueprint blueprint, ModelAssets assets, IProgress<BuildProgress>? progress = null, CancellationToken cancel = default)
    {
        _device = device;
        (ICudaRuntime cuda, TorchApi api) = (device.Runtime, device.Api);
        try
        {
            ModelConfig config = blueprint.Model.Config;
            EngineOptions options = blueprint.Options;
            blueprint.Model.Checkpoint.CheckUnchanged();
            cuda.UseDevice(device.Index);
            api.ForgetGradients();
            _freeAtStart = cuda.MemoryInfo().Free;
            if (api.Place.IsCuda) CheckHeads(config.HeadDim);
            CheckFits(blueprint.Plan, _freeAtStart);
            var shape = new DeviceShape(config);
            var ops = new TorchOps(api);
            DeviceArena arena = Own(new DeviceArena(cuda, blueprint.Plan.TotalBytes - DeviceFootprint.Reserve));

            OffloadedLayer[] offloaded = [.. Enumerable.Range(0, config.Layers).Where(l => assets.Weights.Linears(l) is null)
                .Select(l => new OffloadedLayer(l, blueprint.Model.Linears(l)))];
            int slots = Math.Max(1, blueprint.Plan.RingSlots);
            IHostLayers host = Own(HostLayers(cuda, blueprint.Model.Checkpoint, offloaded, slots, options, total => Teller(BuildStep.PinningLayers, total), cancel));
            DeviceRing ring = Own(new DeviceRing(cuda, arena, host.Layouts, slots));
            DeviceWeights weights = Own(new DeviceWeights(cuda, ops, arena, config, assets, Teller(BuildStep.UploadingWeights, DeviceWeights.BytesFor(blueprint.Plan))));
            _kv = Own(new DeviceKv(cuda, api, arena, config.Layers, blueprint.Shape.KvSlots, config.KvWidth, options.PoisonFreeKv));
            RopeTable rope = Own(new RopeTable(config.InverseFrequencies, blueprint.Shape.Context + options.TreeRows));
            AttentionMemory attention = Own(new AttentionMemory(api, arena, shape, blueprint.Shape.KvSlots));
            int smallest = DeviceFootprint.SmallestPass(options);
            DeviceHead head = Own(new DeviceHead(cuda, ops, arena, shape, weights, DeviceShape.HeadChunk(smallest), Math.Max(options.PassRows, options.DraftRows)));
            var model = new DeviceModel(cuda, ops, arena, shape, rope, _kv, weights, new DeviceLayer(ops, shape, _kv, attention), head);

            var parts = new EngineParts(config, _kv, new Sampler(config.Vocabulary), new AcceptanceCalibration());
            TargetDeviceLinears linears = Own(new TargetDeviceLinears(ops, weights, ring));
            DeviceRows target = Rows(model, blueprint, linears, smallest, options.PassRows);
            _target = new TargetPass(parts, target, l => weights.Linears[l] is null);
            _draft = new DraftModel(parts, Rows(model, blueprint, new DraftDeviceLinears(ops, weights), 1, options.DraftRows));
            // Ends first: what is in flight writes into the ring.
            _link = Own(new DeviceLink(cuda, device.Index, host, ring, options.LinkBandwidth, TimeProvider.System));
            Limits = new ModelLimits(blueprint.Shape.Context, config.Vocabulary, blueprint.Model.EndTokens, options.PassRows);
            UnusedBytes = arena.Bytes - arena.Used;
            progress?.Report(new BuildProgress(BuildStep.Probing, 0, 1));
            long start = Stopwatch.GetTimestamp();
            Deterministic = assets.Deterministic ??= RowProbe.Holds(
                blueprint, target, _kv, _link, RowProbe.RowCounts(options.PassRows).Union(DeviceShape.Buckets(smallest, options.PassRows)), cancel);
            ProbeTime = Stopwatch.GetElapsedTime(start);
        }
        catch
        {
            Dispose();
            throw;
        }

        Action<long> Teller(BuildStep step, long total)
        {
            long done = 0;
            if (total > 0) progress?.Report(new BuildProgress(step, 0, total));
            return bytes =>
            {
                cancel.ThrowIfCancellationRequested();
                progress?.Report(new BuildProgress(step, Math.Min(total, done += bytes), total));
            };
        }
    }

    /// <summary>The start-up probe's verdict: a row's bits do not depend on how many rows and columns are computed with it.</summary>
    public bool Deterministic { get; }

    /// <summary>How long the probe took; nothing where the assets knew its verdict.</summary>
    public TimeSpan ProbeTime { get; }

    /// <summary>What the device lacks now of what was free before: the engine's memory and what libtorch took beside it.</summary>
    public long PeakFastTierBytes
    {
        get
        {
            _device.Runtime.UseDevice(_device.Index);
            return _peak = Math.Max(_peak, _freeAtStart - _device.Runtime.MemoryInfo().Free);
        }
    }

    public ITargetPass Target => _target;

    public IDraftModel Draft => _draft;

    public IWeightLink Link => _link;

    public IKvPool Kv => _kv;

    public ModelLimits Limits { get; }

    /// <summary>Operators that the device was asked for so far.</summary>
    internal long Operations => _device.Api.Operations;

    /// <summary>Of the plan's bytes those that nothing was put into: 0 where the plan is exact.</summary>
    internal long UnusedBytes { get; }

    /// <summary>Refuses, before anything is loaded, what the device could not hold or compute.</summary>
    public static void Check(EngineBlueprint blueprint, CudaDevice device)
    {
        CheckHeads(blueprint.Model.Config.HeadDim);
        CheckFits(blueprint.Plan, device.FreeBytes);
    }

    /// <summary>Refuses a model whose heads a GPU's attention cannot take.</summary>
    public static void CheckHeads(int headDim)
    {
        if (headDim % HeadAlignment != 0) throw new BadInputException($"--device cuda: attention heads of {headDim} elements: a GPU takes multiples of {HeadAlignment}; use --device cpu");
    }

    /// <summary>Refuses a plan that the device cannot hold now, before anything is loaded.</summary>
    public static void CheckFits(MemoryPlan plan, long freeBytes)
    {
        if (plan.TotalBytes > freeBytes)
            throw new BadInputException(
                $"the plan takes {ByteSize.Format(plan.TotalBytes, roundUp: true)} of the device and {ByteSize.Format(freeBytes)} are free: give a --memory-budget of less, or end what else uses the device");
    }

    public void Dispose()
    {
        for (int i = _owned.Count - 1; i >= 0; i--) Quietly.Dispose(_owned[i]);
        _owned.Clear();
    }

    private static IHostLayers HostLayers(
        ICudaRuntime cuda, ITensorSource source, OffloadedLayer[] layers, int slots, EngineOptions options, Func<long, Action<long>> pinning, CancellationToken cancel)
    {
        long pinned = PinnedLayers.BytesFor(layers);
        return pinned <= PinnedLayers.Allowed(options) ? new PinnedLayers(cuda, layers, source, pinning(pinned), cancel) : new DiskLayers(cuda, layers, slots + 1);
    }

    private DeviceRows Rows(DeviceModel model, EngineBlueprint blueprint, IDeviceLinearsOfLayer linears, int smallest, int most) =>
        Own(new DeviceRows(model, Own(new RowBatch(most, blueprint.Shape.KvSlots, blueprint.Options.TreeRows)), linears, smallest, most));

    private T Own<T>(T part)
        where T : IDisposable
    {
        _owned.Add(part);
        return part;
    }
}
