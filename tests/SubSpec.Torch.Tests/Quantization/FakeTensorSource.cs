using SubSpec.Core;
using SubSpec.Torch.Memory;

namespace SubSpec.Torch.Tests.Quantization;

/// <summary>Weights in memory that pretend to be a checkpoint, and count what was read of them.</summary>
internal sealed unsafe class FakeTensorSource(IReadOnlyDictionary<string, float[,]> weights, string fingerprint) : ITensorSource
{
    public string Fingerprint => fingerprint;

    public IReadOnlyCollection<string> Names => [.. weights.Keys];

    public int Reads { get; private set; }

    public TensorInfo Find(string name)
    {
        if (!weights.TryGetValue(name, out float[,]? w)) throw new BadInputException($"no tensor {name}");
        return new TensorInfo(name, WeightType.Float32, [w.GetLength(0), w.GetLength(1)], "fake.safetensors", 0, 4L * w.Length);
    }

    public void Read(TensorInfo tensor, byte* destination)
    {
        Reads++;
        var values = new float[tensor.Bytes / sizeof(float)];
        Buffer.BlockCopy(weights[tensor.Name], (int)tensor.Offset, values, 0, (int)tensor.Bytes);
        values.CopyTo(new Span<float>(destination, values.Length));
    }

    public void CheckUnchanged()
    {
    }
}
