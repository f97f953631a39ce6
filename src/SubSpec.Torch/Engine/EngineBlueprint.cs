using SubSpec.Core;
using SubSpec.Core.Planning;
using SubSpec.Torch.Cuda;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Models;
using SubSpec.Torch.Streaming;

namespace SubSpec.Torch.Engine;

/// <summary>An engine on paper: the model opened, every size known, the plan made. Nothing is allocated until it is built.</summary>
public sealed class EngineBlueprint
{
    /// <summary>Rows whose logits are computed at once.</summary>
    internal const int HeadRows = 16;

    private EngineBlueprint(ModelFolder model, EngineOptions options, EngineShape shape, MemoryPlan plan) =>
        (Model, Options, Shape, Plan) = (model, options, shape, plan);

    public ModelFolder Model { get; }

    public EngineOptions Options { get; }

    public EngineShape Shape { get; }

    public MemoryPlan Plan { get; }

    /// <summary>Opens the model and plans. Throws <see cref="BadInputException"/> for whatever cannot be used.</summary>
    public static EngineBlueprint Draw(EngineOptions options, CostModel? cost = null)
    {
        ModelFolder model = ModelFolder.Open(options.ModelFolder, options.Weights);
        WeightType TypeOf(string name) => model.Checkpoint.Find(name).Type;
        EngineShape shape = ShapeOf(model.Family, model.Config, options, TypeOf);
        ModelFootprint footprint = options.CudaDevice is null
            ? Footprint.Of(model.Family, model.Config, options, shape, TypeOf, LinkFiles.SlotBytes([.. Enumerable.Range(0, model.Config.Layers).Select(l => new OffloadedLayer(l, model.Linears(l)))]))
            : DeviceFootprint.Of(model.Family, model.Config, options, shape, TypeOf);
        MemoryPlan plan = Decide(footprint, options, cost);
        if (model.IsGenerated) CheckPinned(model, options, plan);
        return new EngineBlueprint(model, options, shape, plan);
    }

    /// <summary>The plan of a model of which only <c>config.json</c> is there, as if its weights were bf16.</summary>
    public static (EngineShape Shape, MemoryPlan Plan) PlanOnly(EngineOptions options, CostModel? cost = null)
    {
        (IModelFamily family, ModelConfig config) = ModelFamilies.Read(options.ModelFolder);
        EngineShape shape = ShapeOf(family, config, options, _ => WeightType.BFloat16);
        ModelFootprint footprint = options.CudaDevice is null
            ? Footprint.Of(family, config, options, shape, _ => WeightType.BFloat16)
            : DeviceFootprint.Of(family, config, options, shape, _ => WeightType.BFloat16);
        return (shape, Decide(footprint, options, cost));
    }

    // The processor's bf16 units are the processor's: on another device nothing is left for them, and the libtorch that they take must not be loaded beside that device's.
    private static EngineShape ShapeOf(IModelFamily family, ModelConfig config, EngineOptions options, Func<string, WeightType> typeOf) =>
        EngineShape.For(config, options, options.CudaDevice is not null ? 0 : Enumerable.Range(0, config.Layers)
            .SelectMany(l => LayerShapes.Of(config, family.Layer(config, l)))
            .Where(t => typeOf(t.Name) == WeightType.BFloat16).Sum(t => new WeightMatrix(0, WeightType.BFloat16, t.Out, t.In).Bytes));

    /// <summary>Generated layers are in no file that could bring them again in every pass. Said here, before substitutes are made for minutes.</summary>
    private static void CheckPinned(ModelFolder model, EngineOptions options, MemoryPlan plan)
    {
        OffloadedLayer[] offloaded = [.. Enumerable.Range(0, model.Config.Layers).Where(l => plan.Layers[l] == LayerPlacement.Offloaded).Select(l => new OffloadedLayer(l, model.Linears(l)))];
        if (offloaded.Length == 0) return;
        string what = $"{model.Path}: the weights are generated, and no file holds the {offloaded.Length} offloaded layers";
        if (options.CudaDevice is null) throw new BadInputException($"{what}: on cpu give a --memory-budget in which all layers fit, or use --device cuda");
        (long pinned, long allowed) = (PinnedLayers.BytesFor(offloaded), PinnedLayers.Allowed(options));
        if (pinned > allowed)
            throw new BadInputException($"{what}: they take {ByteSize.Format(pinned, roundUp: true)} of pinned memory, and {ByteSize.Format(allowed)} may be pinned: use a host with more memory, or a smaller model");
    }

    private static MemoryPlan Decide(ModelFootprint footprint, EngineOptions options, CostModel? cost)
    {
        cost ??= options.CudaDevice is null ? CostModel.Default : CostModel.Gpu;
        if (options.LinkBandwidth is { } bandwidth) cost = cost with { LinkBytesPerSecond = bandwidth };
        return MemoryPlanner.Plan(footprint, options.MemoryBudget, options.RingSlots, options.Drafts, cost);
    }
}
