using SubSpec.Torch.Memory;
using SubSpec.Torch.Models;

namespace SubSpec.Torch.Engine;

/// <summary>The fp32 scratch of a batch of rows on its way through a layer, allocated once.</summary>
internal sealed unsafe class Activations : IDisposable
{
    private readonly NativeBuffer _memory;

    public Activations(ModelConfig config, int maxRows)
    {
        _memory = new NativeBuffer(BytesFor(config, maxRows));
        float* next = _memory.Floats;
        float* Take(int width)
        {
            float* start = next;
            next += Padded(width) * maxRows;
            return start;
        }

        Residual = Take(config.Hidden);
        Normed = Take(config.Hidden);
        Query = Take(config.QueryWidth);
        Key = Take(config.KvWidth);
        Value = Take(config.KvWidth);
        Attended = Take(config.QueryWidth);
        Gate = Take(config.Intermediate);
        Up = Take(config.Intermediate);
    }

    /// <summary>The residual stream [rows, hidden].</summary>
    public float* Residual { get; }

    /// <summary>Output of a norm [rows, hidden].</summary>
    public float* Normed { get; }

    /// <summary>[rows, heads, headDim].</summary>
    public float* Query { get; }

    /// <summary>[rows, kvHeads, headDim].</summary>
    public float* Key { get; }

    /// <summary>[rows, kvHeads, headDim].</summary>
    public float* Value { get; }

    /// <summary>Output of attention [rows, heads, headDim].</summary>
    public float* Attended { get; }

    /// <summary>[rows, intermediate]; SwiGLU's result replaces it.</summary>
    public float* Gate { get; }

    /// <summary>[rows, intermediate].</summary>
    public float* Up { get; }

    /// <summary>Bytes for so many rows.</summary>
    public static long BytesFor(ModelConfig config, int maxRows) => sizeof(float) * (long)maxRows *
        (2 * Padded(config.Hidden) + 2 * Padded(config.QueryWidth) + 2 * Padded(config.KvWidth) + 2 * Padded(config.Intermediate));

    public void Dispose() => _memory.Dispose();

    // Every part starts on a cache line.
    private static long Padded(int width) => (width + 15) / 16 * 16;
}
