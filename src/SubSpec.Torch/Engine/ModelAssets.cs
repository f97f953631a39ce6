using SubSpec.Core.Planning;
using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Models;
using SubSpec.Torch.Native;
using SubSpec.Torch.Quantization;

namespace SubSpec.Torch.Engine;

/// <summary>What is loaded once for a model and never written again: resident weights and substitutes. Engines come and go over it.</summary>
public sealed class ModelAssets : IDisposable
{
    /// <summary>
    /// Bits of the draft's copy of the head. With 4 bits the demo's tau fell from 18.4 to 15.5, which no faster step makes up for.
    /// </summary>
    internal const int DraftHeadBits = 8;

    private readonly List<SubstituteSet> _sets;

    private ModelAssets(ResidentWeights weights, List<SubstituteSet> sets, QuantizedMatrix[]?[] substitutes, QuantizedMatrix? draftHead) =>
        (Weights, _sets, Substitutes, DraftHead) = (weights, sets, substitutes, draftHead);

    /// <summary>How the substitutes of the layers came about; null when the plan needs none.</summary>
    public QuantizationReport? Report { get; private init; }

    /// <summary>How long all substitutes took, the head's included.</summary>
    public double SubstituteSeconds => _sets.Sum(s => s.Report.Seconds);

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
        var weights = new ResidentWeights(model.Checkpoint, model.Family, model.Config, resident, loaded);
        var sets = new List<SubstituteSet>();
        var warned = new HashSet<string>();
        try
        {
            SubstitutePart[] parts = options.Drafts
                ? [.. layers.Where(plan.HasSubstitute).Select(l => new SubstitutePart($"layer-{l:000}", model.LinearNames(l)))]
                : [];
            SubstituteSet? linears = Make(parts, options.SubstituteBits);
            SubstituteSet? head = Make(plan.HasDraftHead ? [new SubstitutePart("head", [model.HeadName])] : [], DraftHeadBits);
            QuantizedMatrix[]?[] substitutes = [.. layers.Select(l =>
                linears is not null && plan.HasSubstitute(l) ? model.LinearNames(l).Select(n => linears[n]).ToArray() : null)];
            return new ModelAssets(weights, sets, substitutes, head?[model.HeadName]) { Report = linears?.Report };
        }
        catch
        {
            foreach (SubstituteSet set in sets) set.Dispose();
            weights.Dispose();
            throw;
        }

        SubstituteSet? Make(SubstitutePart[] parts, int bits)
        {
            if (parts.Length == 0) return null;
            using var team = new ComputeTeam(blueprint.Shape.Threads);
            string folder = options.CacheFolder ?? SubstituteCacheFolder.Default;
            sets.Add(SubstituteStore.LoadOrBuild(
                model.Checkpoint, parts, new QuantizationSettings(bits), folder, options.CacheFolder is not null, team, progress, Warn));
            return sets[^1];
        }

        // What is wrong with the cache folder is as wrong for the head.
        void Warn(string warning)
        {
            if (warned.Add(warning)) warn?.Invoke(warning);
        }
    }

    public void Dispose()
    {
        foreach (SubstituteSet set in _sets) set.Dispose();
        Weights.Dispose();
    }
}
