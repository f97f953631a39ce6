using SubSpec.Torch.Engine;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Models;
using SubSpec.Torch.Native.Aten;
using SubSpec.Torch.Ops;

namespace SubSpec.Torch.Cuda;

/// <summary>The small tensors of a layer on the device: norms in fp32, biases in bf16 as the products add them.</summary>
internal sealed unsafe class DeviceVectors : IDisposable
{
    private readonly List<Tensor> _owned = [];
    private readonly ICudaRuntime _cuda;
    private readonly TorchApi _api;
    private readonly DeviceArena _arena;

    public DeviceVectors(ICudaRuntime cuda, TorchApi api, DeviceArena arena, ModelConfig c, in LayerVectors host)
    {
        (_cuda, _api, _arena) = (cuda, api, arena);
        InputNorm = Norm(host.InputNorm, c.Hidden)!;
        PostNorm = Norm(host.PostNorm, c.Hidden)!;
        QueryBias = Bias(host.QueryBias, c.QueryWidth);
        KeyBias = Bias(host.KeyBias, c.KvWidth);
        ValueBias = Bias(host.ValueBias, c.KvWidth);
        OutputBias = Bias(host.OutputBias, c.Hidden);
        GateBias = Bias(host.GateBias, c.Intermediate);
        UpBias = Bias(host.UpBias, c.Intermediate);
        DownBias = Bias(host.DownBias, c.Hidden);
        QueryNorm = Norm(host.QueryNorm, c.HeadDim);
        KeyNorm = Norm(host.KeyNorm, c.HeadDim);
    }

    public Tensor InputNorm { get; }

    public Tensor PostNorm { get; }

    public Tensor? QueryBias { get; }

    public Tensor? KeyBias { get; }

    public Tensor? ValueBias { get; }

    public Tensor? OutputBias { get; }

    public Tensor? GateBias { get; }

    public Tensor? UpBias { get; }

    public Tensor? DownBias { get; }

    public Tensor? QueryNorm { get; }

    public Tensor? KeyNorm { get; }

    /// <summary>Bytes of one vector: as long as the fp32 ones, so that a plan need not know which is which.</summary>
    public static long BytesFor(int length) => DeviceArena.Rounded(sizeof(float) * (long)length);

    /// <summary>Copies the weights of a norm: fp32 [length].</summary>
    public static Tensor UploadNorm(ICudaRuntime cuda, TorchApi api, DeviceArena arena, float* host, int length)
    {
        nint device = arena.Take(BytesFor(length));
        DeviceCopies.Upload(cuda, device, host, sizeof(float) * (long)length);
        return api.View(device, TorchDtype.Float32, [length], [1]);
    }

    public void Dispose()
    {
        foreach (Tensor tensor in _owned) tensor.Dispose();
    }

    private Tensor? Norm(float* host, int length) => host is null ? null : Keep(UploadNorm(_cuda, _api, _arena, host, length));

    private Tensor? Bias(float* host, int length)
    {
        if (host is null) return null;
        nint device = _arena.Take(BytesFor(length));
        using var narrow = new NativeBuffer(sizeof(ushort) * (long)length);
        BFloat16.Narrow(host, (ushort*)narrow.Pointer, length);
        DeviceCopies.Upload(_cuda, device, narrow.Pointer, sizeof(ushort) * (long)length);
        return Keep(_api.View(device, TorchDtype.BFloat16, [length], [1]));
    }

    private Tensor Keep(Tensor tensor)
    {
        _owned.Add(tensor);
        return tensor;
    }
}
