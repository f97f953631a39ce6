using BenchmarkDotNet.Running;
using SubSpec.Torch.Quantization;

namespace SubSpec.KernelBench;

/// <summary>Which matrices a walk goes over: the linears of a layer, and as many layers as 256 MiB hold, more than any cache does.</summary>
/// <param name="Name">One of <see cref="Names"/>.</param>
/// <param name="Bits">Bits a code.</param>
internal sealed record WalkPlan(string Name, int Bits)
{
    /// <summary>Layers of Qwen3-1.7B's shapes.</summary>
    public const string Draft = "draft";

    private const long LeastBytes = 256L << 20;

    private static readonly Dictionary<string, (int Out, int In)[]> Layers = new()
    {
        [Draft] = [(2048, 2048), (1024, 2048), (1024, 2048), (2048, 2048), (6144, 2048), (6144, 2048), (2048, 6144)],
        ["2048x2048"] = [(2048, 2048)],
        ["6144x2048"] = [(6144, 2048)],
        ["2048x6144"] = [(2048, 6144)],
    };

    /// <summary>The draft, and single shapes of it (out x in).</summary>
    public static IEnumerable<string> Names => Layers.Keys;

    /// <summary>The linears of a layer.</summary>
    public (int Out, int In)[] Layer => Layers[Name];

    public int LayerCount => (int)((LeastBytes + LayerBytes - 1) / LayerBytes);

    /// <summary>Codes, scales and zero-points.</summary>
    public long Bytes => LayerCount * LayerBytes;

    /// <summary>Operations of a walk with one row.</summary>
    public double Flops => LayerCount * Layer.Sum(s => 2.0 * s.Out * s.In);

    private long LayerBytes => Layer.Sum(s => QuantizedMatrix.BytesOf(Bits, s.Out, s.In));

    /// <summary>What a benchmark walks over.</summary>
    public static WalkPlan Of(BenchmarkCase benchmark) =>
        new((string)benchmark.Parameters[nameof(LowBitProduct.Matrices)], (int)benchmark.Parameters[nameof(LowBitProduct.Bits)]);
}
