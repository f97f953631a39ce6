using SubSpec.Core.Planning;
using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Models;
using SubSpec.Torch.Quantization;

namespace SubSpec.Torch.Engine;

/// <summary>What is loaded once for a model and never written again: resident weights and substitutes. Engines come and go over it.</summary>
public sealed class ModelAssets : IDisposable
{
    private readonly SubstituteSet? _set;

    private ModelAssets(ResidentWeights weights, SubstituteSet? set, QuantizedMatrix[]?[] substitutes, QuantizedMatrix? draftHead) =>
        (Weights, _set, Substitutes, DraftHead) = (weights, set, substitutes, draftHead);

    /// <summary>How the substitutes came about; null when the plan needs none.</summary>
    public QuantizationReport? Report => _set?.Report;

    /// <summary>The start-up probe's verdict; null until the first engine has run it.</summary>
    internal bool? Deterministic { get; set; }

    internal ResidentWeights Weights { get; }

    /// <summary>Of each layer the substitutes of its linears; null where the draft uses the resident weights.</summary>
    internal QuantizedMatrix[]?[] Substitutes { get; }

    /// <summary>The draft's low-bit copy of the head; null where it uses the target's.</summary>
    internal QuantizedMatrix? DraftHead { get; }

    /// <summary>Loads what the blueprint's plan asks for; substitutes come from the cache or are made now.</summary>
    /// <param name="loaded">Told the bytes of every resident tensor that has been read.</param>
    public static ModelAssets Load(
        EngineBlueprint blueprint, Action<long>? loaded = null, IProgress<QuantizationProgress>? progress = null, Action<string>? warn = null)
    {
        ModelFolder model = blueprint.Model;
        MemoryPlan plan = blueprint.Plan;
        EngineOptions options = blueprint.Options;
        int[] layers = [.. Enumerable.Range(0, model.Config.Layers)];
        var resident = layers.Where(l => plan.Layers[l] != LayerPlacement.Offloaded).ToHashSet();
        var weights = new ResidentWeights(model.Checkpoint, model.Family, model.Config, resident, loaded);
        SubstituteSet? set = null;
        try
        {
            SubstitutePart[] parts = options.Drafts
                ? [.. layers.Where(plan.HasSubstitute).Select(l => new SubstitutePart($"layer-{l:000}", model.LinearNames(l)))]
                : [];
            if (plan.HasDraftHead) parts = [.. parts, new SubstitutePart("head", [model.HeadName])];
            if (parts.Length > 0)
            {
                using var team = new ComputeTeam(blueprint.Shape.Threads);
                string folder = options.CacheFolder ?? SubstituteCacheFolder.Default;
                set = SubstituteStore.LoadOrBuild(
                    model.Checkpoint, parts, new QuantizationSettings(options.SubstituteBits), folder, options.CacheFolder is not null, team, progress, warn);
            }
            QuantizedMatrix[]?[] substitutes = [.. layers.Select(l =>
                set is not null && plan.HasSubstitute(l) ? model.LinearNames(l).Select(n => set[n]).ToArray() : null)];
            return new ModelAssets(weights, set, substitutes, plan.HasDraftHead ? set![model.HeadName] : null);
        }
        catch
        {
            set?.Dispose();
            weights.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _set?.Dispose();
        Weights.Dispose();
    }
}
