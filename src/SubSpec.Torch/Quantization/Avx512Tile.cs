using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SubSpec.Torch.Quantization;

/// <summary>
/// The product of one tile with 512-bit vectors, arranged as <see cref="Avx2Tile"/>: one vector holds all 16 output rows. Only the
/// instructions that have no portable form are chosen by processor, so that the same code can be checked where AVX-512 is missing.
/// </summary>
internal static unsafe class Avx512Tile
{
    private const int Block = ActivationBlocks.BlockBytes;

    /// <summary>One row: y[16] is overwritten.</summary>
    public static void Row(QuantizedMatrix w, int tile, byte* x, float* y)
    {
        Vector512<byte> mask = Vector512.Create((byte)15);
        int planeBytes = w.Planes * QuantizedMatrix.PlaneBytes;
        byte* group = w.TileAt(tile);
        byte* end = group + w.TileBytes;
        Vector512<float> y0 = Vector512<float>.Zero;
        for (; group < end; x += ActivationBlocks.BundleBytes)
        {
            byte* scales = group + planeBytes;
            Vector512<int> dot = Vector512<int>.Zero;
            for (byte* plane = scales - QuantizedMatrix.PlaneBytes; plane >= group; plane -= QuantizedMatrix.PlaneBytes)
            {
                dot <<= 4;
                byte* codes = plane;
                for (byte* half = x; half < x + 64; half += 32, codes += 256)
                {
                    Unpack(codes, mask, out Vector512<byte> low, out Vector512<byte> high);
                    Vector512<short> sum = Pair(low, high, half, 0);
                    Unpack(codes + 64, mask, out low, out high);
                    sum += Pair(low, high, half, 8);
                    Unpack(codes + 128, mask, out low, out high);
                    sum += Pair(low, high, half, 16);
                    Unpack(codes + 192, mask, out low, out high);
                    dot += Widen(sum + Pair(low, high, half, 24));
                }
            }
            y0 = Accumulate(y0, dot, Scales(scales), Zeros(scales), x);
            group = scales + QuantizedMatrix.ScaleBytes;
        }
        y0.Store(y);
    }

    /// <summary>The four rows of a bundle: y[4][16] is overwritten.</summary>
    public static void Rows4(QuantizedMatrix w, int tile, byte* x, float* y)
    {
        Vector512<byte> mask = Vector512.Create((byte)15);
        int planeBytes = w.Planes * QuantizedMatrix.PlaneBytes;
        byte* group = w.TileAt(tile);
        byte* end = group + w.TileBytes;
        Vector512<float> y0 = Vector512<float>.Zero, y1 = y0, y2 = y0, y3 = y0;
        for (; group < end; x += ActivationBlocks.BundleBytes)
        {
            byte* scales = group + planeBytes;
            Vector512<int> dot0 = Vector512<int>.Zero, dot1 = dot0, dot2 = dot0, dot3 = dot0;
            for (byte* plane = scales - QuantizedMatrix.PlaneBytes; plane >= group; plane -= QuantizedMatrix.PlaneBytes)
            {
                dot0 <<= 4;
                dot1 <<= 4;
                dot2 <<= 4;
                dot3 <<= 4;
                byte* codes = plane;
                for (byte* half = x; half < x + 64; half += 32, codes += 256)
                {
                    Unpack(codes, mask, out Vector512<byte> low, out Vector512<byte> high);
                    Vector512<short> sum0 = Pair(low, high, half, 0), sum1 = Pair(low, high, half, Block);
                    Vector512<short> sum2 = Pair(low, high, half, 2 * Block), sum3 = Pair(low, high, half, 3 * Block);
                    Unpack(codes + 64, mask, out low, out high);
                    sum0 += Pair(low, high, half, 8);
                    sum1 += Pair(low, high, half, Block + 8);
                    sum2 += Pair(low, high, half, (2 * Block) + 8);
                    sum3 += Pair(low, high, half, (3 * Block) + 8);
                    Unpack(codes + 128, mask, out low, out high);
                    sum0 += Pair(low, high, half, 16);
                    sum1 += Pair(low, high, half, Block + 16);
                    sum2 += Pair(low, high, half, (2 * Block) + 16);
                    sum3 += Pair(low, high, half, (3 * Block) + 16);
                    Unpack(codes + 192, mask, out low, out high);
                    dot0 += Widen(sum0 + Pair(low, high, half, 24));
                    dot1 += Widen(sum1 + Pair(low, high, half, Block + 24));
                    dot2 += Widen(sum2 + Pair(low, high, half, (2 * Block) + 24));
                    dot3 += Widen(sum3 + Pair(low, high, half, (3 * Block) + 24));
                }
            }
            Vector512<float> scale = Scales(scales), zero = Zeros(scales);
            y0 = Accumulate(y0, dot0, scale, zero, x);
            y1 = Accumulate(y1, dot1, scale, zero, x + Block);
            y2 = Accumulate(y2, dot2, scale, zero, x + (2 * Block));
            y3 = Accumulate(y3, dot3, scale, zero, x + (3 * Block));
            group = scales + QuantizedMatrix.ScaleBytes;
        }
        y0.Store(y);
        y1.Store(y + 16);
        y2.Store(y + 32);
        y3.Store(y + 48);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Unpack(byte* codes, Vector512<byte> mask, out Vector512<byte> low, out Vector512<byte> high)
    {
        Vector512<byte> both = Vector512.Load(codes);
        low = both & mask;
        high = (both.AsUInt16() >> 4).AsByte() & mask;
    }

    // 16 output rows times 8 inputs.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Pair(Vector512<byte> low, Vector512<byte> high, byte* x, int at) =>
        Multiply(low, Vector512.Create(*(int*)(x + at)).AsSByte()) + Multiply(high, Vector512.Create(*(int*)(x + at + 4)).AsSByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Multiply(Vector512<byte> w, Vector512<sbyte> x) => Avx512BW.IsSupported
        ? Avx512BW.MultiplyAddAdjacent(w, x)
        : Vector512.Create(Avx2.MultiplyAddAdjacent(w.GetLower(), x.GetLower()), Avx2.MultiplyAddAdjacent(w.GetUpper(), x.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Widen(Vector512<short> sum) => Avx512BW.IsSupported
        ? Avx512BW.MultiplyAddAdjacent(sum, Vector512<short>.One)
        : Vector512.Create(
            Avx2.MultiplyAddAdjacent(sum.GetLower(), Vector256<short>.One), Avx2.MultiplyAddAdjacent(sum.GetUpper(), Vector256<short>.One));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Accumulate(Vector512<float> y, Vector512<int> dot, Vector512<float> scale, Vector512<float> zero, byte* x)
    {
        Vector512<float> sum = Vector512.Create(*(float*)(x + ActivationBlocks.SumAt));
        Vector512<float> centred = Vector512.FusedMultiplyAdd(-zero, sum, Vector512.ConvertToSingle(dot));
        return Vector512.FusedMultiplyAdd(scale * Vector512.Create(*(float*)(x + ActivationBlocks.ScaleAt)), centred, y);
    }

    // fp16 to fp32: the bits of an fp16 moved to the place of an fp32's are the value times 2^-112.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Scales(byte* scales) => (Integers(scales) << 13).AsSingle() * Vector512.Create(5.192296858534828e33f);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Zeros(byte* scales) =>
        ((Integers(scales + 32) << 13) & Vector512.Create(unchecked((int)0x8FFFE000))).AsSingle() * Vector512.Create(5.192296858534828e33f);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Integers(byte* scales) => Avx512F.IsSupported
        ? Avx512F.ConvertToVector512Int32(Vector256.Load((short*)scales))
        : Vector512.Create(Avx2.ConvertToVector256Int32((short*)scales), Avx2.ConvertToVector256Int32((short*)scales + 8));
}
