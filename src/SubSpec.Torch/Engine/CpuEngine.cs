using System.Diagnostics;
using SubSpec.Core.Engine;
using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;
using SubSpec.Torch.Compute;
using SubSpec.Torch.Kv;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Models;
using SubSpec.Torch.Quantization;
using SubSpec.Torch.Streaming;

namespace SubSpec.Torch.Engine;

/// <summary>
/// The engine of the <c>cpu</c> device: RAM within a budget is the fast tier, the checkpoint's files behind direct I/O the slow one.
/// Resident weights and substitutes belong to <see cref="ModelAssets"/> and outlive a rebuild; everything else is the engine's own.
/// </summary>
public sealed class CpuEngine : IDeviceEngine
{
    private readonly List<IDisposable> _owned = [];
    private readonly Scratch _scratch;
    private readonly KvPool _kv;
    private readonly TargetPass _target;
    private readonly DraftModel _draft;
    private readonly CheckpointLink _link;
    private readonly ComputeTeam _team;

    /// <summary>Allocates everything that the plan promises.</summary>
    /// <param name="cancel">Gives up building; what has been allocated by then is freed.</param>
    public CpuEngine(EngineBlueprint blueprint, ModelAssets assets, CancellationToken cancel = default)
        : this(blueprint, assets, fault: null, cancel)
    {
    }

    internal CpuEngine(EngineBlueprint blueprint, ModelAssets assets, Func<ReadRequest, Exception?>? fault, CancellationToken cancel = default)
    {
        try
        {
            ModelConfig config = blueprint.Model.Config;
            EngineOptions options = blueprint.Options;
            blueprint.Model.Checkpoint.CheckUnchanged();
            OffloadedLayer[] offloaded = [.. Enumerable.Range(0, config.Layers).Where(l => assets.Weights.Linears(l) is null)
                .Select(l => new OffloadedLayer(l, blueprint.Model.Linears(l)))];
            _link = Own(new CheckpointLink(offloaded, new LinkOptions(Math.Max(1, blueprint.Plan.RingSlots), options.LinkBandwidth), TimeProvider.System, fault));
            _team = Own(new ComputeTeam(blueprint.Shape.Threads));
            _scratch = Own(new Scratch(config, options, blueprint.Shape));
            WeightMatrix[][] shapes = [.. Enumerable.Range(0, config.Layers).Select(l => Shapes(blueprint.Model, l))];
            _kv = Own(new KvPool(config.Layers, blueprint.Shape.KvSlots, config.KvHeads, config.HeadDim, options.PoisonFreeKv));
            _kv.PoisonAll();

            LanguageHead head = Head(config, assets, new FullHead(_team, _scratch.Linear, assets.Weights.Head));
            var layer = new DecoderLayer(config, _team, _kv, _scratch.Rope, _scratch.Attention);
            var parts = new EngineParts(config, _kv, new Sampler(config.Vocabulary), new AcceptanceCalibration());
            var host = new HostParts(config, _team, assets.Weights, _scratch.Linear, layer, head);
            var target = new HostRows(host, _scratch.TargetRows, _scratch.TargetActivations, new TargetLinears(host, _link.Ring, shapes));
            long start = Stopwatch.GetTimestamp();
            Deterministic = assets.Deterministic ??= RowProbe.Holds(blueprint, target, _kv, _link, RowProbe.RowCounts(options.PassRows), cancel);
            ProbeTime = Stopwatch.GetElapsedTime(start);
            _target = new TargetPass(parts, target, l => assets.Weights.Linears(l) is null);
            var low = new SubstituteLinears(_team, _scratch.Quantized, config, _scratch.DraftSum);
            HostParts draftHost = assets.DraftHead is { } lowBit ? host with { Head = Head(config, assets, new SubstituteHead(_team, _scratch.Quantized, lowBit)) } : host;
            _draft = new DraftModel(parts, new HostRows(draftHost, _scratch.DraftRows, _scratch.DraftActivations, new DraftLinears(draftHost, assets.Substitutes, low)));
            Limits = new ModelLimits(blueprint.Shape.Context, config.Vocabulary, blueprint.Model.EndTokens, options.PassRows);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The start-up probe's verdict: a row's bits do not depend on its batch.</summary>
    public bool Deterministic { get; }

    /// <summary>How long the probe took; nothing where the assets knew its verdict.</summary>
    public TimeSpan ProbeTime { get; }

    public long PeakFastTierBytes => NativeBuffer.PeakBytes;

    public ITargetPass Target => _target;

    public IDraftModel Draft => _draft;

    public IWeightLink Link => _link;

    public IKvPool Kv => _kv;

    public ModelLimits Limits { get; }

    public void Dispose()
    {
        foreach (IDisposable part in _owned) part.Dispose();
    }

    private unsafe LanguageHead Head(ModelConfig config, ModelAssets assets, IHeadProduct product) =>
        new(config, _team, assets.Weights.FinalNorm, product, _scratch.HeadNormed, _scratch.Logits);

    private static WeightMatrix[] Shapes(ModelFolder model, int layer) =>
        [.. model.Linears(layer).Select(t => new WeightMatrix(0, t.Type, t.Shape[0], t.Shape[1]))];

    private T Own<T>(T part)
        where T : IDisposable
    {
        _owned.Add(part);
        return part;
    }
}
