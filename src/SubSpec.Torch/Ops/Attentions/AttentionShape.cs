namespace SubSpec.Torch.Ops.Attentions;

/// <summary>The sizes of a model's attention.</summary>
/// <param name="Heads">Query heads: a multiple of <paramref name="KvHeads"/>.</param>
/// <param name="HeadDim">Dimensions of a head; any number.</param>
internal sealed record AttentionShape(int Heads, int KvHeads, int HeadDim)
{
    /// <summary>Query heads that share a key-value head.</summary>
    public int Group => Heads / KvHeads;

    /// <summary>Steps of 16 dimensions, the last one partial where <see cref="HeadDim"/> is no multiple.</summary>
    public int Steps => (HeadDim + 15) / 16;

    /// <summary>Dimensions with the padding of the last step.</summary>
    public int PaddedDim => Steps * 16;
}
