using SubSpec.Core;
using SubSpec.Core.Planning;
using SubSpec.Torch.Engine;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Models;
using SubSpec.Torch.Native.Aten;
using SubSpec.Torch.Quantization;

namespace SubSpec.Torch.Cuda;

/// <summary>What stays on the device for good: embedding, head, norms and biases, the resident layers' linears, and substitutes.</summary>
internal sealed unsafe class DeviceWeights : IDisposable
{
    private readonly List<IDisposable> _owned = [];
    private readonly ICudaRuntime _cuda;
    private readonly TorchOps _ops;
    private readonly DeviceArena _arena;
    private readonly Action<long>? _uploaded;

    /// <summary>Copies everything from the host's memory. Throws <see cref="BadInputException"/> for weights that are not bf16.</summary>
    /// <param name="uploaded">Told the bytes of every matrix that is there.</param>
    public DeviceWeights(ICudaRuntime cuda, TorchOps ops, DeviceArena arena, ModelConfig config, ModelAssets host, Action<long>? uploaded = null)
    {
        (_cuda, _ops, _arena, _uploaded) = (cuda, ops, arena, uploaded);
        try
        {
            ResidentWeights weights = host.Weights;
            nint embedding = Upload(weights.Embedding), head = config.TiedHead ? embedding : Upload(weights.Head);
            Embedding = Own(ops.Api.View(embedding, TorchDtype.BFloat16, [config.Vocabulary, config.Hidden], [config.Hidden, 1]));
            Head = Own(ops.Api.View(head, TorchDtype.BFloat16, [config.Hidden, config.Vocabulary], [1, config.Hidden]));
            FinalNorm = Own(DeviceVectors.UploadNorm(cuda, ops.Api, arena, weights.FinalNorm, config.Hidden));
            Layers = [.. Enumerable.Range(0, config.Layers).Select(l => Own(new DeviceVectors(cuda, ops.Api, arena, config, in weights.Vectors(l))))];
            Linears = [.. Enumerable.Range(0, config.Layers).Select(l => weights.Linears(l) is { } own ? own.Select(w => Own(Transposed(ops.Api, Upload(w), w.Out, w.In))).ToArray() : null)];
            Substitutes = [.. host.Substitutes.Select(layer => layer is null ? null : LowBitWeights.Together.Select(range => Pack(layer[range])).ToArray())];
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>bf16 [vocabulary, hidden].</summary>
    public Tensor Embedding { get; }

    /// <summary>bf16 [hidden, vocabulary].</summary>
    public Tensor Head { get; }

    /// <summary>fp32 [hidden].</summary>
    public Tensor FinalNorm { get; }

    public DeviceVectors[] Layers { get; }

    /// <summary>Of each resident layer its linears, [in, out], in the order of their use; null for an offloaded one.</summary>
    public Tensor[]?[] Linears { get; }

    /// <summary>Of each layer the substitutes by <see cref="LowBitWeights.Together"/>; null where the draft uses the resident weights.</summary>
    public LowBitWeights[]?[] Substitutes { get; }

    /// <summary>Bytes of a plan's matrices: those that uploading tells of.</summary>
    public static long BytesFor(MemoryPlan plan) => plan.Parts.Where(p => p.Name is "embedding" or "head" or "resident layers" or "substitutes").Sum(p => p.Bytes);

    /// <summary>A weight [out, in] as a product takes it: [in, out].</summary>
    public static Tensor Transposed(TorchApi api, nint data, int outFeatures, int inFeatures) =>
        api.View(data, TorchDtype.BFloat16, [inFeatures, outFeatures], [1, inFeatures]);

    public void Dispose()
    {
        foreach (IDisposable part in _owned) part.Dispose();
    }

    private nint Upload(WeightMatrix weight)
    {
        nint device = _arena.Take(weight.Bytes);
        DeviceCopies.Upload(_cuda, device, (void*)weight.Data, weight.Bytes);
        _uploaded?.Invoke(weight.Bytes);
        return device;
    }

    private LowBitWeights Pack(QuantizedMatrix[] matrices)
    {
        LowBitWeights packed = Own(new LowBitWeights(_cuda, _ops, _arena, matrices));
        _uploaded?.Invoke(matrices.Sum(m => LowBitWeights.BytesFor(m.Out, m.In)));
        return packed;
    }

    private T Own<T>(T part)
        where T : IDisposable
    {
        _owned.Add(part);
        return part;
    }
}
