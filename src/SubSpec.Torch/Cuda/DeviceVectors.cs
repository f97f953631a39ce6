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
        (QueryKeyValueBias, Tensor?[] parts) = Biases(((nint)host.QueryBias, c.QueryWidth), ((nint)host.KeyBias, c.KvWidth), ((nint)host.ValueBias, c.KvWidth));
        (QueryBias, KeyBias, ValueBias) = (parts[0], parts[1], parts[2]);
        (GateUpBias, parts) = Biases(((nint)host.GateBias, c.Intermediate), ((nint)host.UpBias, c.Intermediate));
        (GateBias, UpBias) = (parts[0], parts[1]);
        OutputBias = Biases(((nint)host.OutputBias, c.Hidden)).Whole;
        DownBias = Biases(((nint)host.DownBias, c.Hidden)).Whole;
        QueryNorm = Norm(host.QueryNorm, c.HeadDim);
        KeyNorm = Norm(host.KeyNorm, c.HeadDim);
    }

    public Tensor InputNorm { get; }

    public Tensor PostNorm { get; }

    /// <summary>The biases of q, k and v one behind the other.</summary>
    public Tensor? QueryKeyValueBias { get; }

    public Tensor? QueryBias { get; }

    public Tensor? KeyBias { get; }

    public Tensor? ValueBias { get; }

    public Tensor? OutputBias { get; }

    /// <summary>The same for gate and up.</summary>
    public Tensor? GateUpBias { get; }

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

    /// <summary>Biases of products that may be one, of which a model has all or none: copied one behind the other, as a whole and each.</summary>
    private (Tensor? Whole, Tensor?[] Parts) Biases(params (nint Host, int Length)[] biases)
    {
        var parts = new Tensor?[biases.Length];
        if (biases.All(b => b.Host == 0)) return (null, parts);
        int total = biases.Sum(b => b.Length);
        // As a plan counts them; together they are shorter.
        nint device = _arena.Take(biases.Sum(b => BytesFor(b.Length)));
        using var narrow = new NativeBuffer(sizeof(ushort) * (long)total);
        for (int i = 0, start = 0; i < biases.Length; start += biases[i++].Length)
        {
            BFloat16.Narrow((float*)biases[i].Host, (ushort*)narrow.Pointer + start, biases[i].Length);
            parts[i] = View(start, biases[i].Length);
        }
        DeviceCopies.Upload(_cuda, device, narrow.Pointer, sizeof(ushort) * (long)total);
        return (View(0, total), parts);

        Tensor View(int start, int length) => Keep(_api.View(device + start * sizeof(ushort), TorchDtype.BFloat16, [length], [1]));
    }

    private Tensor Keep(Tensor tensor)
    {
        _owned.Add(tensor);
        return tensor;
    }
}
