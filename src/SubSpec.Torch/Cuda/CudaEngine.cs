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
    private readonly List<IDisposable> _owned = [];
    private readonly CudaDevice _device;
    private readonly long _freeAtStart;
    private readonly DeviceKv _kv;
    private readonly DeviceLink _link;
    private readonly TargetPass _target;
    private readonly DraftModel _draft;
    private long _peak;

    /// <summary>Takes the memory that the plan promises, in one piece, and loads. Throws <see cref="BadInputException"/> where the device has less free.</summary>
    /// <param name="cancel">Gives up building; what has been taken by then is given back.</param>
    /// <param name="loaded">Told the bytes of every piece of an offloaded layer that has been read.</param>
    public CudaEngine(CudaDevice device, EngineBlueprint blueprint, ModelAssets assets, Action<long>? loaded = null, CancellationToken cancel = default)
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
            CheckFits(blueprint.Plan, _freeAtStart);
            var shape = new DeviceShape(config);
            var ops = new TorchOps(api);
            DeviceArena arena = Own(new DeviceArena(cuda, blueprint.Plan.TotalBytes - DeviceFootprint.Reserve));

            OffloadedLayer[] offloaded = [.. Enumerable.Range(0, config.Layers).Where(l => assets.Weights.Linears(l) is null)
                .Select(l => new OffloadedLayer(l, blueprint.Model.Linears(l)))];
            int slots = Math.Max(1, blueprint.Plan.RingSlots);
            IHostLayers host = Own(HostLayers(cuda, blueprint.Model.Checkpoint, offloaded, slots, options, Loaded));
            DeviceRing ring = Own(new DeviceRing(cuda, arena, host.Layouts, slots));
            DeviceWeights weights = Own(new DeviceWeights(cuda, ops, arena, config, assets));
            _kv = Own(new DeviceKv(cuda, api, arena, config.Layers, blueprint.Shape.KvSlots, config.KvWidth, options.PoisonFreeKv));
            RopeTable rope = Own(new RopeTable(config.InverseFrequencies, blueprint.Shape.Context + options.TreeRows));
            AttentionMemory attention = Own(new AttentionMemory(api, arena, shape, blueprint.Shape.KvSlots));
            DeviceHead head = Own(new DeviceHead(cuda, ops, arena, shape, weights));
            var model = new DeviceModel(cuda, ops, arena, shape, rope, _kv, weights, new DeviceLayer(ops, shape, _kv, attention), head);

            var parts = new EngineParts(config, _kv, new Sampler(config.Vocabulary), new AcceptanceCalibration());
            TargetDeviceLinears linears = Own(new TargetDeviceLinears(api, weights, ring));
            DeviceRows target = Rows(model, blueprint, linears, DeviceFootprint.SmallestPass(options), options.PassRows);
            _target = new TargetPass(parts, target, l => weights.Linears[l] is null);
            _draft = new DraftModel(parts, Rows(model, blueprint, new DraftDeviceLinears(ops, weights), 1, options.DraftRows));
            // Ends first: what is in flight writes into the ring.
            _link = Own(new DeviceLink(cuda, device.Index, host, ring, options.LinkBandwidth, TimeProvider.System));
            Limits = new ModelLimits(blueprint.Shape.Context, config.Vocabulary, blueprint.Model.EndTokens, options.PassRows);
            UnusedBytes = arena.Bytes - arena.Used;
        }
        catch
        {
            Dispose();
            throw;
        }

        void Loaded(long bytes)
        {
            cancel.ThrowIfCancellationRequested();
            loaded?.Invoke(bytes);
        }
    }

    /// <summary>False: on a GPU a row's last bits may depend on how many rows and columns are computed with it.</summary>
    public bool Deterministic => false;

    public TimeSpan ProbeTime => TimeSpan.Zero;

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

    /// <summary>Of the plan's bytes those that nothing was put into: 0 where the plan is exact.</summary>
    internal long UnusedBytes { get; }

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

    private static IHostLayers HostLayers(ICudaRuntime cuda, ITensorSource source, OffloadedLayer[] layers, int slots, EngineOptions options, Action<long> loaded) =>
        PinnedLayers.BytesFor(layers) <= PinnedLayers.Allowed(options) ? new PinnedLayers(cuda, layers, loaded, source) : new DiskLayers(cuda, layers, slots + 1);

    private DeviceRows Rows(DeviceModel model, EngineBlueprint blueprint, IDeviceLinearsOfLayer linears, int smallest, int most) =>
        Own(new DeviceRows(model, Own(new RowBatch(most, blueprint.Shape.KvSlots, blueprint.Options.TreeRows)), linears, smallest, most));

    private T Own<T>(T part)
        where T : IDisposable
    {
        _owned.Add(part);
        return part;
    }
}
