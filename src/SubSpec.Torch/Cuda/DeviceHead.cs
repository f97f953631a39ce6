using SubSpec.Torch.Models;
using SubSpec.Torch.Native.Aten;

namespace SubSpec.Torch.Cuda;

/// <summary>Final norm and head on the device: residual rows in, fp32 logits out, in pinned memory of the host where they are sampled.</summary>
internal sealed unsafe class DeviceHead : IDisposable
{
    private readonly ICudaRuntime _cuda;
    private readonly TorchOps _ops;
    private readonly ModelConfig _config;
    private readonly DeviceWeights _weights;
    private readonly PinnedBuffer _host;
    private readonly nint _memory;
    private readonly Tensor _normed;
    private readonly Tensor _logits;

    public DeviceHead(ICudaRuntime cuda, TorchOps ops, DeviceArena arena, DeviceShape shape, DeviceWeights weights)
    {
        (_cuda, _ops, _config, _weights) = (cuda, ops, shape.Config, weights);
        _memory = arena.Take(LogitBytes(_config));
        _normed = ops.Api.View(arena.Take(NormedBytes(_config)), TorchDtype.BFloat16, [DeviceShape.HeadRows, _config.Hidden], [_config.Hidden, 1]);
        _logits = ops.Api.View(_memory, TorchDtype.Float32, [DeviceShape.HeadRows, _config.Vocabulary], [_config.Vocabulary, 1]);
        _host = new PinnedBuffer(cuda, LogitBytes(_config));
    }

    /// <summary>Bytes on the device.</summary>
    public static long BytesFor(DeviceShape shape) => DeviceArena.Rounded(LogitBytes(shape.Config)) + DeviceArena.Rounded(NormedBytes(shape.Config));

    /// <summary>Computes the logits of some rows and waits for them; they stay valid until the next call.</summary>
    /// <param name="residual">fp32 [count, hidden], with room for a whole chunk behind it.</param>
    public void Forward(nint residual, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, DeviceShape.HeadRows);
        using Tensor rows = _ops.Api.View(residual, TorchDtype.Float32, [DeviceShape.HeadRows, _config.Hidden], [_config.Hidden, 1]);
        using Tensor normed = _ops.Api.RmsNorm(rows, _weights.FinalNorm, _config.NormEpsilon, _config.Hidden);
        _ops.Api.Copy(_normed, normed);
        _ops.WideProduct(_logits, _normed, _weights.Head);
        DeviceCopies.Download(_cuda, _host.Pointer, _memory, sizeof(float) * (long)count * _config.Vocabulary);
    }

    /// <summary>Logits [vocabulary] of one row of the last call.</summary>
    public ReadOnlySpan<float> Logits(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, DeviceShape.HeadRows);
        return new ReadOnlySpan<float>((float*)_host.Pointer + (long)row * _config.Vocabulary, _config.Vocabulary);
    }

    public void Dispose()
    {
        _normed.Dispose();
        _logits.Dispose();
        Quietly.Dispose(_host);
    }

    private static long LogitBytes(ModelConfig config) => sizeof(float) * (long)DeviceShape.HeadRows * config.Vocabulary;

    private static long NormedBytes(ModelConfig config) => sizeof(ushort) * (long)DeviceShape.HeadRows * config.Hidden;
}
