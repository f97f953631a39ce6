namespace SubSpec.Torch.Ops.Attentions;

/// <summary>The arguments of one call, as the workers see them.</summary>
internal unsafe struct AttentionCall
{
    public KvLayer Layer;

    /// <summary>[rows, heads, headDim].</summary>
    public float* Queries;

    /// <summary>[rows, heads, headDim].</summary>
    public float* Output;

    /// <summary>[rows].</summary>
    public AttentionRow* Rows;

    public float Scale;
    public bool Round;
}
