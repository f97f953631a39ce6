using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SubSpec.Torch.Ops.Linears;

/// <summary>
/// The layout of a linear's inputs: tiles of four rows (the last one of one to four), and inside a tile, step by step, the even
/// positions of each row and then the odd positions of each row. A kernel reads it front to back through one pointer. The last
/// step is filled up with zeros.
/// </summary>
internal static unsafe class PackedRows
{
    /// <summary>Rows of a full tile.</summary>
    public const int TileRows = 4;

    /// <summary>Steps of 2 L inputs, the last one partial where <paramref name="inputs"/> is no multiple.</summary>
    public static int Steps(int inputs, int lanes) => (inputs + 2 * lanes - 1) / (2 * lanes);

    /// <summary>Floats from one row tile to the next.</summary>
    public static nint TileStride(int inputs, int lanes) => (nint)TileRows * Steps(inputs, lanes) * 2 * lanes;

    /// <summary>Packs one row tile: <paramref name="rows"/> (1 to 4) rows of x [rows, inputs].</summary>
    public static void PackTile(float* x, int rows, int inputs, int lanes, float* packed)
    {
        int whole = inputs / (2 * lanes);
        float* tail = stackalloc float[32];
        for (int row = 0; row < rows; row++, x += inputs)
        {
            float* to = packed + row * lanes;
            for (int step = 0; step < whole; step++, to += 2 * rows * lanes) PackStep(x + step * 2 * lanes, lanes, to, to + rows * lanes);
            int rest = inputs - whole * 2 * lanes;
            if (rest == 0) continue;
            new Span<float>(tail, 32).Clear();
            new Span<float>(x + whole * 2 * lanes, rest).CopyTo(new Span<float>(tail, 32));
            PackStep(tail, lanes, to, to + rows * lanes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PackStep(float* from, int lanes, float* even, float* odd)
    {
        for (int i = 0; i < lanes; i += 8)
        {
            Deinterleave.Even(from + 2 * i).Store(even + i);
            Deinterleave.Odd(from + 2 * i).Store(odd + i);
        }
    }
}
