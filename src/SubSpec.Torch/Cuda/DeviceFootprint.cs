using System.Collections.Immutable;
using SubSpec.Core;
using SubSpec.Core.Planning;
using SubSpec.Torch.Engine;
using SubSpec.Torch.Kv;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Models;

namespace SubSpec.Torch.Cuda;

/// <summary>Measures what a model and an engine's options need of a device's memory, from shapes alone: exactly what the engine takes, and a reserve.</summary>
internal static class DeviceFootprint
{
    /// <summary>Reserve for what libtorch and cuBLAS take beside the engine's own memory: temporaries of operations and workspaces. Not measured on a GPU yet.</summary>
    public const long Reserve = 192L << 20;

    /// <summary>Rows that a pass is computed as at least: plain decoding and the verification of a usual tree are then the same computation.</summary>
    public static int SmallestPass(EngineOptions options) => Math.Min(64, options.PassRows);

    /// <summary>Throws <see cref="BadInputException"/> for a model or options that the device cannot do.</summary>
    /// <param name="typeOf">How a tensor is stored.</param>
    public static ModelFootprint Of(IModelFamily family, ModelConfig config, EngineOptions options, EngineShape engine, Func<string, WeightType> typeOf)
    {
        if (options.SubstituteBits > 4) throw new BadInputException($"--device cuda: substitutes of {options.SubstituteBits} bits are for cpu only: use 3 or 4");
        var shape = new DeviceShape(config);
        LayerTensors[] names = [.. Enumerable.Range(0, config.Layers).Select(l => family.Layer(config, l))];
        (string Name, int Out, int In)[][] layers = [.. names.Select(n => LayerShapes.Of(config, n))];
        string head = config.TiedHead ? family.Embedding : family.Head;
        foreach (string name in layers.SelectMany(l => l.Select(t => t.Name)).Append(family.Embedding).Append(head))
            if (typeOf(name) != WeightType.BFloat16) throw new BadInputException($"--device cuda: {name} is {typeOf(name)}: only bf16 checkpoints can be used on cuda");
        long table = Matrix(config.Vocabulary, config.Hidden);
        int slots = engine.KvSlots;
        return new ModelFootprint(
            [.. layers.Select(l => l.Sum(t => 2L * t.Out * t.In))],
            [.. layers.Select(l => LowBitWeights.Together.Sum(range => LowBitWeights.BytesFor(l[range].Sum(t => t.Out), l[range][0].In)))],
            ResidentBytes: [.. layers.Select(l => l.Sum(t => Matrix(t.Out, t.In)))],
            SlotBytes: layers.Max(l => DeviceRing.SlotBytesFor(l.Select(t => 2L * t.Out * t.In))),
            EmbeddingBytes: table,
            HeadBytes: config.TiedHead ? 0 : table,
            HeadReadBytes: table,
            // The device reads the full head as fast as a low-bit one is worth: never a candidate.
            DraftHeadBytes: 2 * table,
            VectorBytes: names.Sum(n => LayerShapes.Vectors(config, n).Sum(v => DeviceVectors.BytesFor(v.Length))) + DeviceVectors.BytesFor(config.Hidden),
            KvBytes: DeviceArena.Rounded(DeviceKv.BytesFor(config.Layers, slots, config.KvWidth)),
            ActivationBytes: Rows(options.PassRows, SmallestPass(options)) + Rows(options.DraftRows, 1) + AttentionMemory.BytesFor(shape, slots) + DeviceHead.BytesFor(shape, DeviceShape.HeadChunk(SmallestPass(options)), Math.Max(options.PassRows, options.DraftRows)) + Reserve);

        long Rows(int most, int smallest) => DeviceRows.BytesFor(shape, slots, smallest, most);
    }

    private static long Matrix(int rows, int columns) => DeviceArena.Rounded(2L * rows * columns);
}
