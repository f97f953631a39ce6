using SubSpec.Core;

namespace SubSpec.GrowModel;

/// <summary>What becomes how large.</summary>
/// <param name="HiddenFactor">Copies of each hidden unit, and of each group of heads.</param>
/// <param name="IntermediateFactor">Copies of each MLP unit.</param>
/// <param name="Layers">The layers of the enlarged model, in order.</param>
internal sealed record GrowthPlan(int Hidden, int Intermediate, int HiddenFactor, int IntermediateFactor, IReadOnlyList<GrownLayer> Layers)
{
    private const int MaxFactor = 64;
    private const int MaxLayers = 1024;

    /// <exception cref="BadInputException">A size is no multiple of the source's, or out of bounds.</exception>
    public static GrowthPlan Make(Qwen2Config source, GrowOptions options)
    {
        int hidden = options.Hidden ?? 8 * source.Hidden;
        int hiddenFactor = Factor("--hidden", hidden, source.Hidden);
        int intermediate = options.Intermediate ?? hiddenFactor * source.Intermediate;
        int layers = options.Layers ?? 3 * source.Layers;
        if (layers < source.Layers || layers > MaxLayers)
            throw new BadInputException($"--layers {layers}: from {source.Layers} (the source's) to {MaxLayers} are possible.");
        return new GrowthPlan(hidden, intermediate, hiddenFactor, Factor("--intermediate", intermediate, source.Intermediate), Spread(source.Layers, layers));
    }

    private static int Factor(string option, int size, int source) =>
        size % source == 0 && size / source is >= 1 and <= MaxFactor
            ? size / source
            : throw new BadInputException($"{option} {size}: must be the source's {source} times a whole number from 1 to {MaxFactor}.");

    /// <summary>
    /// The source's layers in their order, each followed by its share of added ones. Not before it: the first layers of a trained
    /// model raise the residual stream by orders of magnitude, and ahead of that even rounding errors would be raised each time.
    /// </summary>
    private static GrownLayer[] Spread(int source, int layers)
    {
        int[] donors = [.. Enumerable.Range(0, layers).Select(layer => (int)((long)layer * source / layers))];
        return [.. donors.Select((donor, layer) => new GrownLayer(donor, layer > 0 && donors[layer - 1] == donor))];
    }
}

/// <summary>A layer of the enlarged model.</summary>
/// <param name="Donor">The source layer whose weights it takes.</param>
/// <param name="Added">It must contribute nothing: its output weights keep only their zero-sum part.</param>
internal sealed record GrownLayer(int Donor, bool Added);
