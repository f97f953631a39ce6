using SubSpec.Torch.Native.Aten;
using SubSpec.Torch.Ops;
using SubSpec.Torch.Quantization;

namespace SubSpec.Torch.Cuda;

/// <summary>
/// A substitute as libtorch's int4 product reads it: the codes packed for the device's matrix units, and bf16 pairs (scale, zero) of each group and output
/// with w = (code - 8) scale + zero. The codes are the substitute's own; its fp16 scales and zero-points are rounded to bf16 on the way, which only
/// the draft sees.
/// </summary>
internal sealed unsafe class LowBitWeights : IDisposable
{
    private const int Middle = 8;
    private const int TileInputs = 16;

    /// <summary>Packs a substitute of at most 4 bits into the arena.</summary>
    public LowBitWeights(ICudaRuntime cuda, TorchOps ops, DeviceArena arena, QuantizedMatrix source)
    {
        (int rows, int columns) = (PaddedOut(source.Out), DeviceShape.Padded(source.In));
        Out = source.Out;
        nint scales = arena.Take(ScaleBytes(source.Out, source.In)), packed = arena.Take(CodeBytes(source.Out, source.In));
        using (var host = new Memory.NativeBuffer(Math.Max(ScaleBytes(source.Out, source.In), UnpackedBytes(ops, rows, columns))))
        {
            FillScales(source, rows, (ushort*)host.Pointer);
            DeviceCopies.Upload(cuda, scales, host.Pointer, ScaleBytes(source.Out, source.In));
            Pack(cuda, ops, source, rows, columns, host, packed);
        }
        Scales = ops.Api.View(scales, TorchDtype.BFloat16, [columns / QuantizedMatrix.Group, rows, 2], [rows * 2, 2, 1]);
    }

    /// <summary>Outputs; the product has them rounded up to <see cref="TorchOps.LowBitRows"/>.</summary>
    public int Out { get; }

    public Tensor Packed { get; private set; } = null!;

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

    private static long UnpackedBytes(TorchOps ops, int rows, int columns) => ops.Api.Place.IsCuda ? (long)rows * columns / 2 : (long)rows * columns * sizeof(int);

    private void Pack(ICudaRuntime cuda, TorchOps ops, QuantizedMatrix source, int rows, int columns, Memory.NativeBuffer host, nint packed)
    {
        long bytes = UnpackedBytes(ops, rows, columns);
        new Span<byte>(host.Pointer, checked((int)Math.Min(bytes, int.MaxValue))).Clear();
        bool pairs = ops.Api.Place.IsCuda;
        byte* codes = host.Pointer;
        Parallel.For(0, source.Out, row => WriteCodes(source, row, columns, codes, pairs));
        nint raw = cuda.Allocate(bytes);
        try
        {
            DeviceCopies.Upload(cuda, raw, host.Pointer, bytes);
            using Tensor unpacked = pairs
                ? ops.Api.View(raw, TorchDtype.UInt8, [rows, columns / 2], [columns / 2, 1])
                : ops.Api.View(raw, TorchDtype.Int32, [rows, columns], [columns, 1]);
            using Tensor result = ops.PackLowBit(unpacked, columns % (8 * TileInputs) == 0 ? 8 : 4);
            long[] sizes = ops.Api.SizesOf(result), strides = new long[sizes.Length];
            long stride = 1;
            for (int i = sizes.Length - 1; i >= 0; i--) (strides[i], stride) = (stride, stride * sizes[i]);
            Packed = ops.Api.View(packed, pairs ? TorchDtype.Int32 : TorchDtype.UInt8, sizes, strides);
            ops.Api.Copy(Packed, result);
            cuda.Synchronize(0);
        }
        finally
        {
            cuda.Free(raw);
        }
    }

    private static void WriteCodes(QuantizedMatrix source, int row, int columns, byte* codes, bool pairs)
    {
        (int tile, int lane) = (row / QuantizedMatrix.TileRows, row % QuantizedMatrix.TileRows);
        for (int i = 0; i < source.In; i++)
        {
            int code = source.Code(source.GroupAt(tile, i / QuantizedMatrix.Group), lane, i % QuantizedMatrix.Group);
            if (pairs) codes[((long)row * columns + i) / 2] |= (byte)(i % 2 == 0 ? code << 4 : code);
            else ((int*)codes)[(long)row * columns + i] = code;
        }
    }

    private static void FillScales(QuantizedMatrix source, int rows, ushort* pairs)
    {
        for (int group = 0; group < source.Groups; group++)
        {
            for (int row = 0; row < rows; row++)
            {
                (float scale, float zero) = (0, 0);
                if (row < source.Out)
                {
                    byte* packed = source.GroupAt(row / QuantizedMatrix.TileRows, group);
                    scale = source.Scale(packed, row % QuantizedMatrix.TileRows);
                    zero = scale * (Middle - source.Zero(packed, row % QuantizedMatrix.TileRows));
                }
                ushort* pair = pairs + ((long)group * rows + row) * 2;
                BFloat16.Narrow(&scale, pair, 1);
                BFloat16.Narrow(&zero, pair + 1, 1);
            }
        }
    }
}
