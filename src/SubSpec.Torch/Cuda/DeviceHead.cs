using SubSpec.Core.Sampling;
using SubSpec.Torch.Engine;
using SubSpec.Torch.Models;
using SubSpec.Torch.Native.Aten;

namespace SubSpec.Torch.Cuda;

/// <summary>
/// Final norm and head on the device: residual rows in, shortlists of their logits out, by one copy. The few rows that these do not decide are fetched
/// whole, one at a time.
/// </summary>
internal sealed unsafe class DeviceHead : IDisposable
{
    private readonly ICudaRuntime _cuda;
    private readonly TorchOps _ops;
    private readonly ModelConfig _config;
    private readonly DeviceWeights _weights;
    private readonly HeadLists _lists;
    private readonly PinnedBuffer _row;
    private readonly nint _logits;
    private readonly nint _normed;
    private nint _residual;
    private int _count;
    private int _chunk;
    private int _computed;

    /// <param name="chunk">Rows that are computed at once, at most.</param>
    /// <param name="rows">Rows of a call, at most.</param>
    public DeviceHead(ICudaRuntime cuda, TorchOps ops, DeviceArena arena, DeviceShape shape, DeviceWeights weights, int chunk, int rows)
    {
        (_cuda, _ops, _config, _weights) = (cuda, ops, shape.Config, weights);
        _logits = arena.Take(LogitBytes(_config, chunk));
        _normed = arena.Take(NormedBytes(_config, chunk));
        _row = new PinnedBuffer(cuda, sizeof(float) * (long)_config.Vocabulary);
        try
        {
            _lists = new HeadLists(cuda, ops, arena, _config.Vocabulary, Whole(rows, chunk));
        }
        catch
        {
            _row.Dispose();
            throw;
        }
    }

    /// <summary>Bytes on the device.</summary>
    public static long BytesFor(DeviceShape shape, int chunk, int rows) =>
        DeviceArena.Rounded(LogitBytes(shape.Config, chunk)) + DeviceArena.Rounded(NormedBytes(shape.Config, chunk)) + HeadLists.BytesFor(shape.Config.Vocabulary, Whole(rows, chunk));

    /// <summary>Computes rows [start, start + count) of a batch and waits for their shortlists.</summary>
    /// <param name="residual">fp32 [count, hidden] from that row on, with room for a whole chunk behind it.</param>
    /// <param name="chunk">Rows that are computed at once: always as many, since a row's last bits may depend on it.</param>
    public void Forward(nint residual, RowBatch batch, int start, int count, int chunk)
    {
        (_residual, _count, _chunk) = (residual, count, chunk);
        _lists.Begin(batch, start, count, chunk);
        for (int first = 0; first < count; first += chunk)
        {
            using Tensor logits = Compute(first);
            _lists.Take(logits, first);
        }
        _lists.Fetch(count);
    }

    /// <summary>The shortlist of one row of the last call.</summary>
    public LogitShortlist Shortlist(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, _count);
        return _lists.Of(row);
    }

    /// <summary>All logits [vocabulary] of one row of the last call, fetched now; valid until the next row is asked for.</summary>
    public ReadOnlySpan<float> Logits(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, _count);
        if (row / _chunk != _computed / _chunk) Compute(row / _chunk * _chunk).Dispose();
        long bytes = sizeof(float) * (long)_config.Vocabulary;
        DeviceCopies.Download(_cuda, _row.Pointer, _logits + (nint)(row % _chunk * bytes), bytes);
        return new ReadOnlySpan<float>((float*)_row.Pointer, _config.Vocabulary);
    }

    public void Dispose()
    {
        Quietly.Dispose(_row);
        _lists.Dispose();
    }

    private static int Whole(int rows, int chunk) => (rows + chunk - 1) / chunk * chunk;

    private static long LogitBytes(ModelConfig config, int chunk) => sizeof(float) * (long)chunk * config.Vocabulary;

    private static long NormedBytes(ModelConfig config, int chunk) => sizeof(ushort) * (long)chunk * config.Hidden;

    /// <summary>The logits fp32 [chunk, vocabulary] from a row on; they replace those of the chunk before.</summary>
    private Tensor Compute(int first)
    {
        long width = _config.Hidden;
        using Tensor rows = _ops.Api.View(_residual + (nint)(sizeof(float) * first * width), TorchDtype.Float32, [_chunk, width], [width, 1]);
        using Tensor normed = _ops.Api.View(_normed, TorchDtype.BFloat16, [_chunk, width], [width, 1]);
        using (Tensor wide = _ops.Api.RmsNorm(rows, _weights.FinalNorm, _config.NormEpsilon, width)) _ops.Api.Copy(normed, wide);
        Tensor logits = _ops.Api.View(_logits, TorchDtype.Float32, [_chunk, _config.Vocabulary], [_config.Vocabulary, 1]);
        _ops.WideProduct(logits, normed, _weights.Head);
        _computed = first;
        return logits;
    }
}
