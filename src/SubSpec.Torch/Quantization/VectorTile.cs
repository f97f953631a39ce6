using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using SubSpec.Torch.Ops.Linears;

namespace SubSpec.Torch.Quantization;

/// <summary>
/// The product of one tile with vectors: a 32-bit lane is an output row and holds four inputs, so that four activations are
/// broadcast, multiplied as unsigned by signed bytes and added in pairs (<c>vpmaddubsw</c>). Sixteen-bit sums hold 8 of those products
/// (8 * 2 * 15 * 127 &lt; 2^15), half a group; then they are widened. Weights are unpacked once for all rows, activations broadcast
/// once for all outputs: with four rows and 16 outputs the sums just fit the 16 registers of 256 bits.
/// </summary>
/// <typeparam name="TLanes">The vectors of a processor.</typeparam>
/// <typeparam name="TRows">Rows of activations, 1 to 4.</typeparam>
internal static unsafe class VectorTile<TLanes, TRows>
    where TLanes : struct, ITileLanes<TLanes>
    where TRows : struct, IRowCount
{
    private const int Block = ActivationBlocks.BlockBytes;

    /// <summary>Bytes of a <typeparamref name="TLanes"/>: four inputs of every output row.</summary>
    private const int Lanes = 4 * QuantizedMatrix.TileRows;

    // The hardware's own read-ahead stops at every page; this far ahead memory has answered in time.
    private const int Ahead = 8 * (QuantizedMatrix.PlaneBytes + QuantizedMatrix.ScaleBytes);

    /// <summary>The first rows of a bundle: y[rows][16] is overwritten.</summary>
    public static void Run(in QuantizedMatrix w, int tile, byte* x, byte* y)
    {
        int planeBytes = w.Planes * QuantizedMatrix.PlaneBytes;
        byte* group = w.TileAt(tile);
        byte* end = group + w.TileBytes;
        new Span<byte>(y, TRows.Count * Lanes).Clear();
        for (; group < end; x += ActivationBlocks.BundleBytes)
        {
            byte* scales = group + planeBytes;
            Sse.Prefetch0(scales + Ahead);
            TLanes dot0 = default, dot1 = default, dot2 = default, dot3 = default;
            short factor = 1;
            for (byte* plane = group; plane < scales; plane += QuantizedMatrix.PlaneBytes, factor = 16)
            {
                byte* codes = plane;
                for (byte* half = x; half < x + QuantizedMatrix.Group; half += 32, codes += 4 * Lanes)
                {
                    TLanes sum0 = default, sum1 = default, sum2 = default, sum3 = default;
                    Eight(codes, half, ref sum0, ref sum1, ref sum2, ref sum3);
                    Eight(codes + Lanes, half + 8, ref sum0, ref sum1, ref sum2, ref sum3);
                    Eight(codes + (2 * Lanes), half + 16, ref sum0, ref sum1, ref sum2, ref sum3);
                    Eight(codes + (3 * Lanes), half + 24, ref sum0, ref sum1, ref sum2, ref sum3);
                    dot0 = TLanes.AddIntegers(dot0, TLanes.Widen(sum0, factor));
                    if (TRows.Count > 1) dot1 = TLanes.AddIntegers(dot1, TLanes.Widen(sum1, factor));
                    if (TRows.Count > 2) dot2 = TLanes.AddIntegers(dot2, TLanes.Widen(sum2, factor));
                    if (TRows.Count > 2) dot3 = TLanes.AddIntegers(dot3, TLanes.Widen(sum3, factor));
                }
            }
            TLanes scale = TLanes.Floats(scales), zero = TLanes.Floats(scales + (QuantizedMatrix.ScaleBytes / 2));
            Accumulate(y, dot0, scale, zero, x);
            if (TRows.Count > 1) Accumulate(y + Lanes, dot1, scale, zero, x + Block);
            if (TRows.Count > 2) Accumulate(y + (2 * Lanes), dot2, scale, zero, x + (2 * Block));
            if (TRows.Count > 2) Accumulate(y + (3 * Lanes), dot3, scale, zero, x + (3 * Block));
            group = scales + QuantizedMatrix.ScaleBytes;
        }
    }

    // 16 output rows times 8 inputs.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Eight(byte* codes, byte* x, ref TLanes sum0, ref TLanes sum1, ref TLanes sum2, ref TLanes sum3)
    {
        Sse.Prefetch0(codes + Ahead);
        TLanes both = TLanes.Load(codes);
        FourInputs(TLanes.Low(both), x, ref sum0, ref sum1, ref sum2, ref sum3);
        FourInputs(TLanes.High(both), x + 4, ref sum0, ref sum1, ref sum2, ref sum3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FourInputs(TLanes codes, byte* x, ref TLanes sum0, ref TLanes sum1, ref TLanes sum2, ref TLanes sum3)
    {
        sum0 = TLanes.AddSums(sum0, TLanes.Multiply(codes, x));
        if (TRows.Count > 1) sum1 = TLanes.AddSums(sum1, TLanes.Multiply(codes, x + Block));
        if (TRows.Count > 2) sum2 = TLanes.AddSums(sum2, TLanes.Multiply(codes, x + (2 * Block)));
        if (TRows.Count > 2) sum3 = TLanes.AddSums(sum3, TLanes.Multiply(codes, x + (3 * Block)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Accumulate(byte* y, TLanes dot, TLanes scale, TLanes zero, byte* x) =>
        TLanes.Accumulate(TLanes.Load(y), dot, scale, zero, x).Store(y);
}
