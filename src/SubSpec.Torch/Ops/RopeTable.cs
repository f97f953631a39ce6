using SubSpec.Core;
using SubSpec.Torch.Memory;

namespace SubSpec.Torch.Ops;

/// <summary>Cosines and sines of every position, computed in double precision and kept in fp32.</summary>
internal sealed unsafe class RopeTable : IDisposable
{
    private readonly NativeBuffer _values;

    /// <param name="inverseFrequencies">[pairs] radians per position, scaled already where the model scales them.</param>
    /// <param name="positions">Positions 0 to <paramref name="positions"/> - 1 are held.</param>
    /// <param name="amplitude">Factor on cosine and sine (the attention factor of some scalings).</param>
    public RopeTable(ReadOnlySpan<double> inverseFrequencies, int positions, double amplitude = 1)
    {
        if (inverseFrequencies.IsEmpty || positions < 1)
            throw new BadInputException($"rope needs at least one frequency and one position, not {inverseFrequencies.Length} and {positions}: check head_dim and the context length");
        Pairs = inverseFrequencies.Length;
        Positions = positions;
        _values = new NativeBuffer((long)positions * Pairs * 2 * sizeof(float));
        for (int position = 0; position < positions; position++)
        {
            for (int i = 0; i < Pairs; i++)
            {
                (double sin, double cos) = Math.SinCos(position * inverseFrequencies[i]);
                Cosines(position)[i] = (float)(cos * amplitude);
                Sines(position)[i] = (float)(sin * amplitude);
            }
        }
    }

    /// <summary>Native memory of a table.</summary>
    public static long BytesFor(int pairs, int positions) => NativeBuffer.Rounded((long)positions * pairs * 2 * sizeof(float));

    /// <summary>Rotated pairs of dimensions: half of the rotary dimensions.</summary>
    public int Pairs { get; }

    public int Positions { get; }

    /// <summary>theta^(-2i / dimensions) for i = 0 to dimensions / 2 - 1 (Su et al. 2021, section 3.2.2).</summary>
    public static double[] InverseFrequencies(double theta, int dimensions) =>
        [.. Enumerable.Range(0, dimensions / 2).Select(i => Math.Pow(theta, -2.0 * i / dimensions))];

    /// <summary>[pairs] of a position below <see cref="Positions"/>.</summary>
    public float* Cosines(int position) => _values.Floats + (nint)position * Pairs * 2;

    /// <summary>[pairs] of a position below <see cref="Positions"/>.</summary>
    public float* Sines(int position) => Cosines(position) + Pairs;

    public void Dispose() => _values.Dispose();
}
