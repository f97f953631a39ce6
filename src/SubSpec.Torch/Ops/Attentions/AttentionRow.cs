namespace SubSpec.Torch.Ops.Attentions;

/// <summary>
/// What one row attends to: the slots of its context and then those of its path, positions ascending. Only the joined list
/// counts; rows whose context starts at the same address are computed together as far as their contexts agree.
/// </summary>
/// <param name="contextSlots">Slots of the sequence; rows of a sequence share the array (each may end elsewhere in it).</param>
/// <param name="pathSlots">Slots that are this row's own: tree ancestors and itself. May be null when <paramref name="pathCount"/> is 0.</param>
internal readonly unsafe struct AttentionRow(int* contextSlots, int contextCount, int* pathSlots, int pathCount)
{
    public int* ContextSlots { get; } = contextSlots;

    public int ContextCount { get; } = contextCount;

    public int* PathSlots { get; } = pathSlots;

    public int PathCount { get; } = pathCount;

    public int Count => ContextCount + PathCount;
}
