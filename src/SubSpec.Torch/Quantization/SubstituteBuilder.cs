using System.Diagnostics;
using SubSpec.Core;
using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;

namespace SubSpec.Torch.Quantization;

/// <summary>Quantizes weights, a block of rows at a time, and tells how far it is.</summary>
internal sealed unsafe class SubstituteBuilder : IDisposable
{
    private readonly ITensorSource _source;
    private readonly ComputeTeam _team;
    private readonly long _blockBytes;
    private readonly NativeBuffer _exact;
    private readonly IProgress<QuantizationProgress>? _progress;
    private readonly long _total;
    private readonly long _start = Stopwatch.GetTimestamp();
    private long _done;

    /// <param name="weights">All that will be built.</param>
    /// <param name="blockBytes">Exact weights that may be in memory at once; a tile of rows is, whatever this says.</param>
    public SubstituteBuilder(ITensorSource source, IReadOnlyList<TensorInfo> weights, ComputeTeam team, long blockBytes, IProgress<QuantizationProgress>? progress)
    {
        (_source, _team, _blockBytes, _progress) = (source, team, blockBytes, progress);
        _total = weights.Sum(w => w.Bytes);
        _exact = new NativeBuffer(weights.Max(w => (long?)RowsAtOnce(w) * RowBytes(w)) ?? 0);
    }

    /// <summary>Fills one part of the set.</summary>
    /// <exception cref="BadInputException">A weight is not finite.</exception>
    public QuantizationError Build(IEnumerable<TensorInfo> weights, SubstituteSet set)
    {
        QuantizationError error = default;
        foreach (TensorInfo weight in weights)
        {
            int rows = RowsAtOnce(weight);
            for (int row = 0; row < weight.Shape[0]; row += rows)
            {
                TensorInfo block = Rows(weight, row, Math.Min(rows, weight.Shape[0] - row));
                error += Quantize(block, row, set[weight.Name].RowsFrom(row, block.Shape[0]));
                _progress?.Report(new QuantizationProgress(_done += block.Bytes, _total, weight.Name, Stopwatch.GetElapsedTime(_start)));
            }
        }
        return error;
    }

    public void Dispose() => _exact.Dispose();

    private QuantizationError Quantize(TensorInfo block, int firstRow, QuantizedMatrix substitute)
    {
        _source.Read(block, _exact.Pointer);
        try
        {
            return HqqQuantizer.Quantize(_team, new WeightMatrix((nint)_exact.Pointer, block.Type, block.Shape[0], block.Shape[1]), substitute, firstRow);
        }
        catch (BadInputException e)
        {
            throw new BadInputException($"{block.File}: {block.Name}: {e.Message}", e);
        }
    }

    // In whole tiles: the head of a large vocabulary may be larger than two layers.
    private int RowsAtOnce(TensorInfo weight)
    {
        long tiles = Math.Max(1, _blockBytes / (RowBytes(weight) * QuantizedMatrix.TileRows));
        return (int)Math.Min(weight.Shape[0], tiles * QuantizedMatrix.TileRows);
    }

    private static long RowBytes(TensorInfo weight) => weight.Bytes / weight.Shape[0];

    private static TensorInfo Rows(TensorInfo weight, int first, int rows) =>
        weight with { Shape = [rows, weight.Shape[1]], Offset = weight.Offset + (first * RowBytes(weight)), Bytes = rows * RowBytes(weight) };
}
