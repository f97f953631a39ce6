using SubSpec.Torch.Native.Aten;
using SubSpec.Torch.Ops;
using SubSpec.Torch.Quantization;

namespace SubSpec.Torch.Cuda;

/// <summary>
/// Substitutes that meet the same rows, one below the other, as libtorch's int4 product reads them: the codes packed for the device's matrix units, and
/// bf16 pairs (scale, zero) of each group and output with w = (code - 8) scale + zero. The codes are the substitutes' own; their fp16 scales and
/// zero-points are rounded to bf16 on the way, which only the draft sees.
/// </summary>
internal sealed unsafe class LowBitWeights : IDisposable
{
    private const int Middle = 8;
    private const int TileInputs = 16;

    // A multiple of every packing's block of outputs.
    private const int SliceRows = 64;
    private const long SliceBytes = 8 << 20;

    /// <summary>Packs substitutes of at most 4 bits and with the same inputs into the arena.</summary>
    public LowBitWeights(ICudaRuntime cuda, TorchOps ops, DeviceArena arena, IReadOnlyList<QuantizedMatrix> sources)
    {
        Out = sources.Sum(s => s.Out);
        int inputs = sources[0].In;
        (int rows, int columns) = (PaddedOut(Out), DeviceShape.Padded(inputs));
        nint scales = arena.Take(ScaleBytes(Out, inputs)), packed = arena.Take(CodeBytes(Out, inputs));
        using (var host = new Memory.NativeBuffer(ScaleBytes(Out, inputs)))
        {
            FillScales(sources, rows, (ushort*)host.Pointer);
            DeviceCopies.Upload(cuda, scales, host.Pointer, ScaleBytes(Out, inputs));
        }
        Packed = Pack(cuda, ops, sources, rows, columns, packed);
        Scales = ops.Api.View(scales, TorchDtype.BFloat16, [columns / QuantizedMatrix.Group, rows, 2], [rows * 2, 2, 1]);
    }

    /// <summary>Which of a layer's linears, in the order of their use, are one product: those of q, k and v, and of gate and up, meet the same rows.</summary>
    public static IReadOnlyList<Range> Together { get; } = [0..3, 3..4, 4..6, 6..7];

    /// <summary>Outputs of all together; the product has them rounded up to <see cref="TorchOps.LowBitRows"/>.</summary>
    public int Out { get; }

    public Tensor Packed { get; }

    public Tensor Scales { get; }

    /// <summary>Bytes of the arena for a matrix.</summary>
    public static long BytesFor(int outFeatures, int inFeatures) =>
        DeviceArena.Rounded(ScaleBytes(outFeatures, inFeatures)) + DeviceArena.Rounded(CodeBytes(outFeatures, inFeatures));

    /// <summary>Outputs of a product.</summary>
    public static int PaddedOut(int outFeatures) => (outFeatures + TorchOps.LowBitRows - 1) / TorchOps.LowBitRows * TorchOps.LowBitRows;

    public void Dispose()
    {
        Packed.Dispose();
        Scales.Dispose();
    }

    private static long CodeBytes(int outFeatures, int inFeatures) => (long)PaddedOut(outFeatures) * DeviceShape.Padded(inFeatures) / 2;

    private static long ScaleBytes(int outFeatures, int inFeatures) =>
        (long)PaddedOut(outFeatures) * DeviceShape.Padded(inFeatures) / QuantizedMatrix.Group * 2 * sizeof(ushort);

    /// <summary>Packs some rows after the other: packed rows lie as the rows do, and what is not packed yet must not take much of the device.</summary>
    private static Tensor Pack(ICudaRuntime cuda, TorchOps ops, IReadOnlyList<QuantizedMatrix> sources, int rows, int columns, nint packed)
    {
        bool pairs = ops.Api.Place.IsCuda;
        long rowBytes = pairs ? columns / 2 : (long)columns * sizeof(int);
        int most = (int)Math.Min(rows, Math.Max(1, SliceBytes / rowBytes / SliceRows) * SliceRows);
        using var host = new Memory.NativeBuffer(most * rowBytes);
        nint raw = cuda.Allocate(most * rowBytes);
        try
        {
            long[] sizes = [];
            for (int first = 0; first < rows; first += most)
            {
                int count = Math.Min(most, rows - first);
                WriteCodes(sources, first, count, host.Pointer, rowBytes, pairs);
                DeviceCopies.Upload(cuda, raw, host.Pointer, count * rowBytes);
                using Tensor codes = pairs
                    ? ops.Api.View(raw, TorchDtype.UInt8, [count, columns / 2], [columns / 2, 1])
                    : ops.Api.View(raw, TorchDtype.Int32, [count, columns], [columns, 1]);
                using Tensor result = ops.PackLowBit(codes, columns % (8 * TileInputs) == 0 ? 8 : 4);
                sizes = ops.Api.SizesOf(result);
                using Tensor slice = View(packed + (nint)((long)first * columns / 2), sizes);
                ops.Api.Copy(slice, result);
                cuda.Synchronize(0);
                sizes[0] = sizes[0] * rows / count;
            }
            return View(packed, sizes);
        }
        finally
        {
            cuda.Free(raw);
        }

        Tensor View(nint data, long[] sizes)
        {
            long[] strides = new long[sizes.Length];
            long stride = 1;
            for (int i = sizes.Length - 1; i >= 0; i--) (strides[i], stride) = (stride, stride * sizes[i]);
            return ops.Api.View(data, pairs ? TorchDtype.Int32 : TorchDtype.UInt8, sizes, strides);
        }
    }

    /// <summary>Writes the codes of rows [first, first + count) of all sources together; rows behind them are zero.</summary>
    private static void WriteCodes(IReadOnlyList<QuantizedMatrix> sources, int first, int count, byte* codes, long rowBytes, bool pairs)
    {
        new Span<byte>(codes, checked((int)(count * rowBytes))).Clear();
        int start = 0;
        foreach (QuantizedMatrix source in sources)
        {
            (int from, int to) = (Math.Max(first, start), Math.Min(first + count, start + source.Out));
            int top = start;
            if (from < to) Parallel.For(from, to, row => WriteRow(source, row - top, codes + ((row - first) * rowBytes), pairs));
            start += source.Out;
        }
    }

    private static void WriteRow(QuantizedMatrix source, int row, byte* codes, bool pairs)
    {
        (int tile, int lane) = (row / QuantizedMatrix.TileRows, row % QuantizedMatrix.TileRows);
        for (int i = 0; i < source.In; i++)
        {
            int code = source.Code(source.GroupAt(tile, i / QuantizedMatrix.Group), lane, i % QuantizedMatrix.Group);
            if (pairs) codes[i / 2] |= (byte)(i % 2 == 0 ? code << 4 : code);
            else ((int*)codes)[i] = code;
        }
    }

    private static void FillScales(IReadOnlyList<QuantizedMatrix> sources, int rows, ushort* pairs)
    {
        new Span<ushort>(pairs, sources[0].Groups * rows * 2).Clear();
        int first = 0;
        foreach (QuantizedMatrix source in sources)
        {
            for (int group = 0; group < source.Groups; group++)
            {
                for (int row = 0; row < source.Out; row++)
                {
                    byte* packed = source.GroupAt(row / QuantizedMatrix.TileRows, group);
                    float scale = source.Scale(packed, row % QuantizedMatrix.TileRows), zero = scale * (Middle - source.Zero(packed, row % QuantizedMatrix.TileRows));
                    ushort* pair = pairs + ((long)group * rows + first + row) * 2;
                    BFloat16.Narrow(&scale, pair, 1);
                    BFloat16.Narrow(&zero, pair + 1, 1);
                }
            }
            first += source.Out;
        }
    }
}
