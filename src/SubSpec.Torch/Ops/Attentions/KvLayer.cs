using SubSpec.Torch.Memory;

namespace SubSpec.Torch.Ops.Attentions;

/// <summary>One layer of the KV pool, owned by somebody else.</summary>
/// <param name="Keys">[slots, kvHeads, headDim].</param>
/// <param name="Values">[slots, kvHeads, headDim].</param>
/// <param name="Type">How both are stored; bf16 by default.</param>
internal readonly record struct KvLayer(nint Keys, nint Values, WeightType Type)
{
    public int ElementBytes => Type == WeightType.Float32 ? 4 : 2;
}
