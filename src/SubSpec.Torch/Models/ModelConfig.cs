namespace SubSpec.Torch.Models;

/// <summary>What a family has read out of <c>config.json</c>: nothing optional any more.</summary>
/// <param name="ModelType">The family's name, as Hugging Face writes it.</param>
/// <param name="Hidden">Width of the residual stream.</param>
/// <param name="Intermediate">Width of the MLP.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="KvHeads">Key and value heads; divides <paramref name="Heads"/>.</param>
/// <param name="HeadDim">Elements of one head.</param>
/// <param name="NormEpsilon">Added to the mean square in RMS norms.</param>
/// <param name="InverseFrequencies">RoPE: [HeadDim / 2], radians per position.</param>
/// <param name="MaxPositions">Longest context that the model was made for.</param>
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
    bool TiedHead,
    string? Label)
{
    public int QueryWidth => Heads * HeadDim;

    public int KvWidth => KvHeads * HeadDim;
}
