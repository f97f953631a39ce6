namespace SubSpec.Torch.Models;

/// <summary>What a family has read out of <c>config.json</c>: nothing optional any more.</summary>
/// <param name="ModelType">The family's name, as Hugging Face writes it.</param>
/// <param name="Hidden">Width of the residual stream.</param>
/// <param name="Intermediate">Width of the MLP.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="KvHeads">Key and value heads; divides <paramref name="Heads"/>.</param>
/// <param name="HeadDim">Elements of one head; even.</param>
/// <param name="NormEpsilon">Added to the mean square in RMS norms.</param>
/// <param name="InverseFrequencies">RoPE: [HeadDim / 2], radians per position.</param>
/// <param name="MaxPositions">Longest context that the model was made for.</param>
/// <param name="Window">Positions that a row attends to, its own included (sliding window); null for all.</param>
/// <param name="TiedHead">The head is the embedding matrix.</param>
/// <param name="Label">How results name the model when it is not what it seems (an enlarged one); null for a plain one.</param>
public sealed record ModelConfig(
    string ModelType,
    int Layers,
    int Hidden,
    int Intermediate,
    int Heads,
    int KvHeads,
    int HeadDim,
    int Vocabulary,
    float NormEpsilon,
    double[] InverseFrequencies,
    int MaxPositions,
    int? Window,
    bool TiedHead,
    string? Label)
{
    /// <summary>The linears that have a bias.</summary>
    public LinearBiases Biases { get; init; }

    /// <summary>Each head of q and k goes through an RMS norm of its own before RoPE ("QK norm").</summary>
    public bool HeadNorms { get; init; }

    public int QueryWidth => Heads * HeadDim;

    public int KvWidth => KvHeads * HeadDim;

    /// <summary>Longest context that is computed exactly: up to the window, attention within it and to all positions are the same.</summary>
    public int MaxContext => Math.Min(MaxPositions, Window ?? MaxPositions);
}

/// <summary>Linears of a layer that have a bias.</summary>
[Flags]
public enum LinearBiases
{
    None = 0,

    /// <summary>The projections to q, k and v.</summary>
    QueryKeyValue = 1,

    /// <summary>The output projection of attention.</summary>
    Output = 2,

    /// <summary>Gate, up and down projection.</summary>
    Mlp = 4,
}
