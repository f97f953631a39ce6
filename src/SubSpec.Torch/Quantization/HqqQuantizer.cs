using System.Diagnostics;
using SubSpec.Core;
using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;

namespace SubSpec.Torch.Quantization;

/// <summary>
/// Data-free quantization of a weight by HQQ (Badri and Shaji 2023): a group's scale is rounded first, then its zero-point is fitted
/// to the rounded scale. Rows are independent, so the result does not depend on the number of threads.
/// </summary>
public static class HqqQuantizer
{
    /// <summary>Quantizes a weight.</summary>
    /// <param name="source">[out, in], bf16, fp16 or fp32.</param>
    /// <param name="destination">Memory for <see cref="QuantizedMatrix.Bytes"/> bytes, of the source's shape; overwritten, padding included.</param>
    /// <param name="firstRow">Row of the whole weight at which a block of it begins: for messages.</param>
    /// <exception cref="BadInputException">A weight is not a number or infinite.</exception>
    public static QuantizationError Quantize(ComputeTeam team, WeightMatrix source, QuantizedMatrix destination, int firstRow = 0)
    {
        if (source.Out != destination.Out || source.In != destination.In)
            throw new ArgumentException($"a weight [{source.Out}, {source.In}] does not fit [{destination.Out}, {destination.In}]", nameof(destination));
        long start = Stopwatch.GetTimestamp();
        var task = new HqqTask(source, destination, firstRow);
        team.Run(task);
        return task.Error with { Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds };
    }
}
