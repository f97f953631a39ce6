using SubSpec.Core;
using SubSpec.Core.Planning;
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
        ModelFolder model = ModelFolder.Open(options.ModelFolder);
        EngineShape shape = EngineShape.For(model.Config, options, Bf16Bytes(model.Family, model.Config, name => model.Checkpoint.Find(name).Type));
        long slotBytes = LinkFiles.SlotBytes([.. Enumerable.Range(0, model.Config.Layers).Select(l => new OffloadedLayer(l, model.Linears(l)))]);
        ModelFootprint footprint = Footprint.Of(model.Family, model.Config, options, shape, name => model.Checkpoint.Find(name).Type, slotBytes);
        return new EngineBlueprint(model, options, shape, Decide(footprint, options, cost));
    }

    /// <summary>The plan of a model of which only <c>config.json</c> is there, as if its weights were bf16.</summary>
    public static (EngineShape Shape, MemoryPlan Plan) PlanOnly(EngineOptions options, CostModel? cost = null)
    {
        (IModelFamily family, ModelConfig config) = ModelFamilies.Read(options.ModelFolder);
        EngineShape shape = EngineShape.For(config, options, Bf16Bytes(family, config, AsBf16));
        return (shape, Decide(Footprint.Of(family, config, options, shape, AsBf16), options, cost));

        static WeightType AsBf16(string name) => WeightType.BFloat16;
    }

    private static long Bf16Bytes(IModelFamily family, ModelConfig config, Func<string, WeightType> typeOf) =>
        Enumerable.Range(0, config.Layers).SelectMany(l => LayerShapes.Of(config, family.Layer(config, l)))
            .Where(t => typeOf(t.Name) == WeightType.BFloat16).Sum(t => new WeightMatrix(0, WeightType.BFloat16, t.Out, t.In).Bytes);

    private static MemoryPlan Decide(ModelFootprint footprint, EngineOptions options, CostModel? cost)
    {
        cost ??= CostModel.Default;
        if (options.LinkBandwidth is { } bandwidth) cost = cost with { LinkBytesPerSecond = bandwidth };
        return MemoryPlanner.Plan(footprint, options.MemoryBudget, options.RingSlots, options.Drafts, cost);
    }
}
