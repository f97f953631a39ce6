using System.Runtime.Intrinsics;

namespace SubSpec.GrowModel;

/// <summary>The draws of a <see cref="NoiseSource"/> for eight inputs at once: each lane has those of one input.</summary>
internal struct NoiseLanes
{
    private static readonly Vector256<ulong> Low32 = Vector256.Create(0xFFFFFFFFul);
    private static readonly Vector256<ulong> Low16OfEach32 = Vector256.Create(0x0000FFFF0000FFFFul);

    private Vector256<ulong> _lower;
    private Vector256<ulong> _upper;

    /// <param name="row">The row's noise, nothing drawn yet.</param>
    /// <param name="first">Draws before the first lane's.</param>
    /// <param name="draws">Of each lane.</param>
    public NoiseLanes(NoiseSource row, long first, int draws)
    {
        row.Skip(first);
        ulong lane = NoiseSource.Step * (ulong)draws;
        _lower = Vector256.Create(row.State) + (Vector256.Create(0ul, 1, 2, 3) * lane);
        _upper = _lower + Vector256.Create(4 * lane);
    }

    /// <summary>The next draw of every lane.</summary>
    public Vector256<float> Next()
    {
        _lower += Vector256.Create(NoiseSource.Step);
        _upper += Vector256.Create(NoiseSource.Step);
        Vector256<uint> sums = Vector256.Narrow(Sum(Mix(_lower)), Sum(Mix(_upper)));
        return (Vector256.ConvertToSingle(sums.AsInt32()) - Vector256.Create(NoiseSource.Mean)) * NoiseSource.Scale;
    }

    /// <summary>Of the four 16-bit numbers in each.</summary>
    private static Vector256<ulong> Sum(Vector256<ulong> bits)
    {
        Vector256<ulong> pairs = (bits & Low16OfEach32) + ((bits >>> 16) & Low16OfEach32);
        return (pairs + (pairs >>> 32)) & Low32;
    }

    private static Vector256<ulong> Mix(Vector256<ulong> z)
    {
        z = (z ^ (z >>> 30)) * NoiseSource.FirstFactor;
        z = (z ^ (z >>> 27)) * NoiseSource.SecondFactor;
        return z ^ (z >>> 31);
    }
}
