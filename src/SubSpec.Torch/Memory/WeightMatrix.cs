namespace SubSpec.Torch.Memory;

/// <summary>A view of a weight [out, in], row-major, that somebody else owns (a ring slot or a resident layer).</summary>
/// <param name="Data">First element; aligned to the element size at least.</param>
/// <param name="Out">Output features.</param>
/// <param name="In">Input features.</param>
public readonly unsafe record struct WeightMatrix(nint Data, WeightType Type, int Out, int In)
{
    public int ElementBytes => Type == WeightType.Float32 ? 4 : 2;

    public long Bytes => (long)Out * In * ElementBytes;
}
