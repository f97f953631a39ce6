using System.Runtime.InteropServices;
using SubSpec.Core.Sampling;
using SubSpec.Torch.Safetensors;

namespace SubSpec.RandomModel;

/// <summary>
/// The values of one tensor. Each comes from a counter (Philox) of its tensor, row and column, so rows can be made in any order on any
/// number of threads, and every type of the same model rounds the same numbers.
/// </summary>
/// <param name="shape">[out, in] or [length].</param>
/// <param name="index">Which tensor of the model it is.</param>
internal sealed class RandomTensor(string name, int[] shape, SafetensorsDtype dtype, int index, long seed)
{
    // Norms and biases that differ enough from 1 and 0 to show when they are left out.
    private const float VectorDeviation = 0.2f;

    // Mean of the sum of four uniforms on 0..65535, and 1 / its standard deviation.
    private const float Mean = 2 * 65535f;
    private const float Unit = 1 / 37837.22f;

    private readonly float _centre = shape.Length == 1 && name.Contains("norm", StringComparison.Ordinal) ? 1 : 0;
    private readonly float _deviation = shape.Length == 1 ? VectorDeviation : 1 / MathF.Sqrt(shape[1]);

    public string Name => name;

    public int Rows => shape.Length == 1 ? 1 : shape[0];

    public int Columns => shape[^1];

    public int RowBytes => Columns * dtype.Bits() / 8;

    public SafetensorsEntry Entry => new(name, dtype, [.. shape.Select(d => (long)d)]);

    /// <summary>Fills rows [<paramref name="first"/>, + <paramref name="count"/>) into <paramref name="block"/>.</summary>
    public void Fill(byte[] block, int first, int count) => Parallel.For(0, count, i => FillRow(first + i, block.AsSpan(i * RowBytes, RowBytes)));

    private void FillRow(int row, Span<byte> bytes)
    {
        for (int column = 0; column < Columns; column += 2)
        {
            (uint a, uint b, uint c, uint d) = Philox.Block((ulong)seed, (uint)column, (uint)row, (uint)index, 0);
            Store(bytes, column, _centre + _deviation * Noise(a, b));
            if (column + 1 < Columns) Store(bytes, column + 1, _centre + _deviation * Noise(c, d));
        }
    }

    /// <summary>Nearly normal (Irwin-Hall): mean 0, standard deviation 1, within 3.5.</summary>
    private static float Noise(uint a, uint b) => ((a & 0xFFFF) + (a >> 16) + (b & 0xFFFF) + (b >> 16) - Mean) * Unit;

    private void Store(Span<byte> row, int column, float value)
    {
        if (dtype == SafetensorsDtype.F32) MemoryMarshal.Cast<byte, float>(row)[column] = value;
        else if (dtype == SafetensorsDtype.F16) MemoryMarshal.Cast<byte, Half>(row)[column] = (Half)value;
        else MemoryMarshal.Cast<byte, ushort>(row)[column] = Bf16(value);
    }

    /// <summary>The upper half of a float: to the nearest, ties to even.</summary>
    private static ushort Bf16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
