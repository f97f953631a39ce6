using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SubSpec.Torch.Quantization;

/// <summary>
/// The product of one tile with 256-bit vectors: a 32-bit lane is an output row and holds four inputs, so that four activations are
/// broadcast, multiplied as unsigned by signed bytes and added in pairs (<c>vpmaddubsw</c>). Sixteen-bit sums hold 8 of those products
/// (8 * 2 * 15 * 127 &lt; 2^15), half a group; then they are widened.
/// </summary>
internal static unsafe class Avx2Tile
{
    private const int Block = ActivationBlocks.BlockBytes;
    private const int PrefetchBytes = 8 * (QuantizedMatrix.PlaneBytes + QuantizedMatrix.ScaleBytes);

    /// <summary>One row: y[16] is overwritten.</summary>
    public static void Row(QuantizedMatrix w, int tile, byte* x, float* y)
    {
        Vector256<byte> mask = Vector256.Create((byte)15);
        int planeBytes = w.Planes * QuantizedMatrix.PlaneBytes;
        byte* group = w.TileAt(tile);
        byte* end = group + w.TileBytes;
        Vector256<float> y0 = Vector256<float>.Zero, y1 = y0;
        for (; group < end; x += ActivationBlocks.BundleBytes)
        {
            byte* scales = group + planeBytes;
            Prefetch(group, scales);
            Vector256<int> dot0 = Vector256<int>.Zero, dot1 = dot0;
            for (byte* plane = scales - QuantizedMatrix.PlaneBytes; plane >= group; plane -= QuantizedMatrix.PlaneBytes)
            {
                dot0 = (dot0 << 4) + Widen(Eight(plane, mask, x)) + Widen(Eight(plane + 256, mask, x + 32));
                dot1 = (dot1 << 4) + Widen(Eight(plane + 32, mask, x)) + Widen(Eight(plane + 288, mask, x + 32));
            }
            y0 = Accumulate(y0, dot0, Scales(scales), Zeros(scales), x);
            y1 = Accumulate(y1, dot1, Scales(scales + 16), Zeros(scales + 16), x);
            group = scales + QuantizedMatrix.ScaleBytes;
        }
        y0.Store(y);
        y1.Store(y + 8);
    }

    /// <summary>The first two rows of a bundle: y[2][16] is overwritten.</summary>
    public static void Rows2(QuantizedMatrix w, int tile, byte* x, float* y)
    {
        Vector256<byte> mask = Vector256.Create((byte)15);
        int planeBytes = w.Planes * QuantizedMatrix.PlaneBytes;
        byte* group = w.TileAt(tile);
        byte* end = group + w.TileBytes;
        new Span<float>(y, 2 * QuantizedMatrix.TileRows).Clear();
        for (; group < end; x += ActivationBlocks.BundleBytes)
        {
            byte* scales = group + planeBytes;
            Prefetch(group, scales);
            for (int lanes = 0; lanes < 2; lanes++)
            {
                Vector256<int> dot0 = Vector256<int>.Zero, dot1 = dot0;
                for (byte* plane = scales - QuantizedMatrix.PlaneBytes; plane >= group; plane -= QuantizedMatrix.PlaneBytes)
                {
                    dot0 <<= 4;
                    dot1 <<= 4;
                    byte* codes = plane + (lanes * 32);
                    for (byte* half = x; half < x + 64; half += 32, codes += 256)
                    {
                        Unpack(codes, mask, out Vector256<byte> low, out Vector256<byte> high);
                        Vector256<short> sum0 = Pair(low, high, half, 0), sum1 = Pair(low, high, half, Block);
                        Unpack(codes + 64, mask, out low, out high);
                        sum0 += Pair(low, high, half, 8);
                        sum1 += Pair(low, high, half, Block + 8);
                        Unpack(codes + 128, mask, out low, out high);
                        sum0 += Pair(low, high, half, 16);
                        sum1 += Pair(low, high, half, Block + 16);
                        Unpack(codes + 192, mask, out low, out high);
                        dot0 += Widen(sum0 + Pair(low, high, half, 24));
                        dot1 += Widen(sum1 + Pair(low, high, half, Block + 24));
                    }
                }
                Vector256<float> scale = Scales(scales + (lanes * 16)), zero = Zeros(scales + (lanes * 16));
                float* target = y + (lanes * 8);
                Accumulate(Vector256.Load(target), dot0, scale, zero, x).Store(target);
                Accumulate(Vector256.Load(target + 16), dot1, scale, zero, x + Block).Store(target + 16);
            }
            group = scales + QuantizedMatrix.ScaleBytes;
        }
    }

    /// <summary>The four rows of a bundle: y[4][16] is overwritten.</summary>
    public static void Rows4(QuantizedMatrix w, int tile, byte* x, float* y)
    {
        Vector256<byte> mask = Vector256.Create((byte)15);
        int planeBytes = w.Planes * QuantizedMatrix.PlaneBytes;
        byte* group = w.TileAt(tile);
        byte* end = group + w.TileBytes;
        new Span<float>(y, 4 * QuantizedMatrix.TileRows).Clear();
        for (; group < end; x += ActivationBlocks.BundleBytes)
        {
            byte* scales = group + planeBytes;
            Prefetch(group, scales);
            for (int lanes = 0; lanes < 2; lanes++)
            {
                Vector256<int> dot0 = Vector256<int>.Zero, dot1 = dot0, dot2 = dot0, dot3 = dot0;
                for (byte* plane = scales - QuantizedMatrix.PlaneBytes; plane >= group; plane -= QuantizedMatrix.PlaneBytes)
                {
                    dot0 <<= 4;
                    dot1 <<= 4;
                    dot2 <<= 4;
                    dot3 <<= 4;
                    byte* codes = plane + (lanes * 32);
                    for (byte* half = x; half < x + 64; half += 32, codes += 256)
                    {
                        Unpack(codes, mask, out Vector256<byte> low, out Vector256<byte> high);
                        Vector256<short> sum0 = Pair(low, high, half, 0), sum1 = Pair(low, high, half, Block);
                        Vector256<short> sum2 = Pair(low, high, half, 2 * Block), sum3 = Pair(low, high, half, 3 * Block);
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
                Vector256<float> scale = Scales(scales + (lanes * 16)), zero = Zeros(scales + (lanes * 16));
                float* target = y + (lanes * 8);
                Accumulate(Vector256.Load(target), dot0, scale, zero, x).Store(target);
                Accumulate(Vector256.Load(target + 16), dot1, scale, zero, x + Block).Store(target + 16);
                Accumulate(Vector256.Load(target + 32), dot2, scale, zero, x + (2 * Block)).Store(target + 32);
                Accumulate(Vector256.Load(target + 48), dot3, scale, zero, x + (3 * Block)).Store(target + 48);
            }
            group = scales + QuantizedMatrix.ScaleBytes;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Unpack(byte* codes, Vector256<byte> mask, out Vector256<byte> low, out Vector256<byte> high)
    {
        Vector256<byte> both = Vector256.Load(codes);
        low = both & mask;
        high = (both.AsUInt16() >> 4).AsByte() & mask;
    }

    // The hardware's own read-ahead stops at every page.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(byte* start, byte* last)
    {
        for (byte* line = start + PrefetchBytes; line <= last + PrefetchBytes; line += 64) Sse.Prefetch0(line);
    }

    // 8 output rows times 32 inputs.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Eight(byte* codes, Vector256<byte> mask, byte* x)
    {
        Unpack(codes, mask, out Vector256<byte> low, out Vector256<byte> high);
        Vector256<short> sum = Pair(low, high, x, 0);
        Unpack(codes + 64, mask, out low, out high);
        sum += Pair(low, high, x, 8);
        Unpack(codes + 128, mask, out low, out high);
        sum += Pair(low, high, x, 16);
        Unpack(codes + 192, mask, out low, out high);
        return sum + Pair(low, high, x, 24);
    }

    // 8 output rows times 8 inputs.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Pair(Vector256<byte> low, Vector256<byte> high, byte* x, int at) =>
        Avx2.MultiplyAddAdjacent(low, Broadcast(x + at)) + Avx2.MultiplyAddAdjacent(high, Broadcast(x + at + 4));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Widen(Vector256<short> sum) => Avx2.MultiplyAddAdjacent(sum, Vector256<short>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<sbyte> Broadcast(byte* x) => Vector256.Create(*(int*)x).AsSByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Accumulate(Vector256<float> y, Vector256<int> dot, Vector256<float> scale, Vector256<float> zero, byte* x)
    {
        Vector256<float> sum = Vector256.Create(*(float*)(x + ActivationBlocks.SumAt));
        Vector256<float> centred = Fma.MultiplyAddNegated(zero, sum, Avx.ConvertToVector256Single(dot));
        return Fma.MultiplyAdd(scale * Vector256.Create(*(float*)(x + ActivationBlocks.ScaleAt)), centred, y);
    }

    // fp16 to fp32: the bits of an fp16 moved to the place of an fp32's are the value times 2^-112.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Scales(byte* scales) =>
        (Avx2.ConvertToVector256Int32((ushort*)scales) << 13).AsSingle() * Vector256.Create(5.192296858534828e33f);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Zeros(byte* scales) =>
        ((Avx2.ConvertToVector256Int32((short*)(scales + 32)) << 13) & Vector256.Create(unchecked((int)0x8FFFE000))).AsSingle() * Vector256.Create(5.192296858534828e33f);
}
