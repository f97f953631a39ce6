using System.Collections.Immutable;

namespace SubSpec.Core.Planning;

/// <summary>What a model needs of the fast tier, part by part, in bytes. Everything a plan is made of; nothing has been allocated.</summary>
/// <param name="LayerBytes">The linears of each layer as the checkpoint stores them: what a pass streams when the layer is offloaded.</param>
/// <param name="SubstituteBytes">The low-bit substitutes of each layer.</param>
/// <param name="ResidentBytes">The linears of each layer in the fast tier for good, in whole pages.</param>
/// <param name="SlotBytes">One slot of the ring: the largest layer, with all that direct reads of it bring along.</param>
/// <param name="EmbeddingBytes">The embedding matrix.</param>
/// <param name="HeadBytes">The head where it is not the embedding; else 0.</param>
/// <param name="HeadReadBytes">What a step reads of the head, or of the embedding where it is the head.</param>
/// <param name="DraftHeadBytes">A low-bit copy of the head, for the draft.</param>
/// <param name="VectorBytes">Norms and biases of all layers.</param>
/// <param name="KvBytes">The KV cache.</param>
/// <param name="ActivationBytes">Scratch of the rows of a pass and of a draft step, logits included.</param>
public sealed record ModelFootprint(
    ImmutableArray<long> LayerBytes,
    ImmutableArray<long> SubstituteBytes,
    ImmutableArray<long> ResidentBytes,
    long SlotBytes,
    long EmbeddingBytes,
    long HeadBytes,
    long HeadReadBytes,
    long DraftHeadBytes,
    long VectorBytes,
    long KvBytes,
    long ActivationBytes)
{
    public int Layers => LayerBytes.Length;

    /// <summary>What is there whatever the plan decides.</summary>
    public long FixedBytes => EmbeddingBytes + HeadBytes + VectorBytes + KvBytes + ActivationBytes;
}
