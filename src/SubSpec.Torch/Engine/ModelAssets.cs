using SubSpec.Core.Planning;
using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Models;
using SubSpec.Torch.Native;
using SubSpec.Torch.Quantization;
using SubSpec.Torch.Streaming;

namespace SubSpec.Torch.Engine;

/// <summary>What is loaded once for a model and never written again: resident weights and substitutes. Engines come and go over it.</summary>
public sealed class ModelAssets : IDisposable
{
    /// <summary>
    /// Bits of the draft's copy of the head. With 4 bits the demo's tau fell from 18.4 to 15.5, which no faster step makes up for.
    /// </summary>
    internal const int DraftHeadBits = 8;

    private readonly SubstituteSet? _set;

    private ModelAssets(ResidentWeights weights, SubstituteSet? set, QuantizedMatrix[]?[] substitutes, QuantizedMatrix? draftHead) =>
        (Weights, _set, Substitutes, DraftHead) = (weights, set, substitutes, draftHead);

    /// <summary>How the substitutes of the layers came about; null when the plan needs none.</summary>
    public QuantizationReport? Report { get; private init; }

    /// <summary>How long all substitutes took, the head's included.</summary>
    public double SubstituteSeconds => _set?.Time.TotalSeconds ?? 0;

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
        // Meanwhile, on another thread: the engine finds libtorch loaded.
        if (blueprint.Shape.Bf16Units) _ = Task.Run(() => Brgemm.Loaded);
        int[] layers = [.. Enumerable.Range(0, model.Config.Layers)];
        var resident = layers.Where(l => plan.Layers[l] != LayerPlacement.Offloaded).ToHashSet();
        int[] drafted = options.Drafts ? [.. layers.Where(plan.HasSubstitute)] : [];
        var linears = new QuantizationSettings(options.SubstituteBits);
        SubstitutePart[] parts = [.. drafted.Select(l => new SubstitutePart($"layer-{l:000}", model.LinearNames(l), linears))];
        SubstitutePart[] head = plan.HasDraftHead ? [new SubstitutePart("head", [model.HeadName], new QuantizationSettings(DraftHeadBits))] : [];
        var weights = new ResidentWeights(model.Checkpoint, model.Family, model.Config, resident, loaded);
        SubstituteSet? set = null;
        try
        {
            if (parts.Length + head.Length > 0) set = Make(blueprint, [.. parts, .. head], progress, warn);
            var substitutes = new QuantizedMatrix[layers.Length][];
            foreach (int layer in drafted) substitutes[layer] = [.. model.LinearNames(layer).Select(n => set![n])];
            return new ModelAssets(weights, set, substitutes, plan.HasDraftHead ? set![model.HeadName] : null)
            {
                Report = parts.Length > 0 ? set!.Report(parts.Contains) : null,
            };
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

    private static SubstituteSet Make(EngineBlueprint blueprint, SubstitutePart[] parts, IProgress<QuantizationProgress>? progress, Action<string>? warn)
    {
        string? named = blueprint.Options.CacheFolder;
        using var team = new ComputeTeam(blueprint.Shape.Threads);
        // What the engine will take is free still: in its place exact weights fit into the plan. The reader has a block of its own.
        long room = blueprint.Plan.EngineBytes - RangeReader.BlockBytes;
        // Of weights that are not kept themselves nothing is kept where nobody asked for it.
        string? folder = named ?? (blueprint.Model.IsGenerated ? null : SubstituteCacheFolder.Default);
        return SubstituteStore.LoadOrBuild(blueprint.Model.Checkpoint, parts, folder, named is not null, team, room, progress, warn);
    }
}
