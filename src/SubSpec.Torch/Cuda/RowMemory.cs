using SubSpec.Torch.Models;

namespace SubSpec.Torch.Cuda;

/// <summary>Where the scratch of rows lies on the device, allocated once for the largest batch.</summary>
internal sealed class RowMemory
{
    /// <param name="headChunk">Rows that the head takes at once: the last ones may reach beyond the batch.</param>
    public RowMemory(DeviceArena arena, DeviceShape shape, int rows, int headChunk)
    {
        (long residual, long input, long all, long normed, long heads, long attended, long gate, long delta) = Sizes(shape, rows, headChunk);
        Residual = arena.Take(residual);
        Input = arena.Take(input);
        QueryKeyValue = arena.Take(all);
        Normed = normed == 0 ? 0 : arena.Take(normed);
        Products = arena.Take(heads * 4);
        Attended = arena.Take(attended);
        Gate = arena.Take(gate);
        Up = arena.Take(gate);
        Delta = arena.Take(delta);
        Padded = [(Input, input), (Attended, attended), (Gate, gate)];
    }

    public nint Residual { get; }

    public nint Input { get; }

    public nint QueryKeyValue { get; }

    public nint Normed { get; }

    public nint Products { get; }

    public nint Attended { get; }

    public nint Gate { get; }

    public nint Up { get; }

    public nint Delta { get; }

    /// <summary>What has padding, which must be zero before the first use.</summary>
    public IReadOnlyList<(nint Memory, long Bytes)> Padded { get; }

    /// <summary>Bytes for so many rows.</summary>
    public static long BytesFor(DeviceShape shape, int rows, int headChunk)
    {
        (long residual, long input, long all, long normed, long heads, long attended, long gate, long delta) = Sizes(shape, rows, headChunk);
        return DeviceArena.Rounded(residual) + DeviceArena.Rounded(input) + DeviceArena.Rounded(all) + DeviceArena.Rounded(normed) + DeviceArena.Rounded(4 * heads)
            + DeviceArena.Rounded(attended) + 2 * DeviceArena.Rounded(gate) + DeviceArena.Rounded(delta);
    }

    private static (long Residual, long Input, long All, long Normed, long Heads, long Attended, long Gate, long Delta) Sizes(DeviceShape shape, long rows, int headChunk)
    {
        ModelConfig c = shape.Config;
        long heads = rows * shape.RotatedHeads * c.HeadDim * 2;
        return (
            (rows + headChunk) * c.Hidden * 4,
            rows * DeviceShape.Padded(c.Hidden) * 2,
            rows * shape.QueryKeyValueWidth * 2,
            c.HeadNorms ? heads * 2 : 0,
            heads,
            rows * DeviceShape.Padded(c.QueryWidth) * 2,
            rows * DeviceShape.Padded(c.Intermediate) * 2,
            rows * c.Hidden * 2);
    }
}
