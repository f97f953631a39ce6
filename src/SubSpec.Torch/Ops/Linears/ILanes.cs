namespace SubSpec.Torch.Ops.Linears;

/// <summary>
/// A vector width that a dot product is accumulated in. Lane j of step s takes the inputs k = 2 L s + 2 j and then k = 2 L s + 2 j + 1
/// (L lanes), steps ascending: the one accumulation order of every kernel of that width.
/// </summary>
/// <typeparam name="V">A vector of <see cref="Count"/> floats.</typeparam>
internal unsafe interface ILanes<V>
    where V : unmanaged
{
    static abstract int Count { get; }

    static abstract V Load(float* source);

    static abstract void Store(V value, float* destination);

    /// <summary>a * b + sum with one rounding.</summary>
    static abstract V MultiplyAdd(V a, V b, V sum);

    /// <summary>Adds the lanes of each of <paramref name="count"/> consecutive vectors, in one fixed tree.</summary>
    static abstract void SumEach(float* vectors, int count, float* totals);
}
