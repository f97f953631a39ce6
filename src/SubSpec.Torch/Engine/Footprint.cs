using System.Collections.Immutable;
using SubSpec.Core.Planning;
using SubSpec.Torch.Kv;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Models;
using SubSpec.Torch.Quantization;

namespace SubSpec.Torch.Engine;

/// <summary>Measures what a model and an engine's options need of the fast tier, from shapes alone.</summary>
internal static class Footprint
{
    /// <param name="typeOf">How a tensor is stored.</param>
    /// <param name="slotBytes">Of a slot of the ring, where the files are there to be looked at; null for what well-made files need.</param>
    public static ModelFootprint Of(IModelFamily family, ModelConfig config, EngineOptions options, EngineShape shape, Func<string, WeightType> typeOf, long? slotBytes = null)
    {
        LayerTensors[] names = [.. Enumerable.Range(0, config.Layers).Select(l => family.Layer(config, l))];
        (string Name, int Out, int In)[][] layers = [.. names.Select(n => LayerShapes.Of(config, n))];
        ImmutableArray<long> bytes = [.. layers.Select(l => l.Sum(t => Matrix(t.Name, t.Out, t.In)))];
        long vectors = names.Sum(n => LayerShapes.Vectors(config, n).Sum(v => Vector(v.Length))) + Vector(config.Hidden);
        return new ModelFootprint(
            bytes,
            [.. layers.Select(l => l.Sum(t => NativeBuffer.Rounded(QuantizedMatrix.BytesOf(options.SubstituteBits, t.Out, t.In))))],
            ResidentBytes: [.. layers.Select(l => l.Sum(t => NativeBuffer.Rounded(Matrix(t.Name, t.Out, t.In))))],
            SlotBytes: slotBytes ?? NativeBuffer.Rounded(bytes.Max()) + 2 * layers[0].Length * NativeBuffer.Alignment,
            EmbeddingBytes: NativeBuffer.Rounded(Matrix(family.Embedding, config.Vocabulary, config.Hidden)),
            HeadBytes: config.TiedHead ? 0 : NativeBuffer.Rounded(Matrix(family.Head, config.Vocabulary, config.Hidden)),
            HeadReadBytes: Matrix(config.TiedHead ? family.Embedding : family.Head, config.Vocabulary, config.Hidden),
            DraftHeadBytes: NativeBuffer.Rounded(QuantizedMatrix.BytesOf(ModelAssets.DraftHeadBits, config.Vocabulary, config.Hidden)),
            VectorBytes: vectors,
            KvBytes: NativeBuffer.Rounded(KvPool.BytesFor(config.Layers, shape.KvSlots, config.KvHeads, config.HeadDim)),
            ActivationBytes: Scratch.BytesFor(config, options, shape));

        long Matrix(string name, int rows, int columns) => new WeightMatrix(0, typeOf(name), rows, columns).Bytes;
    }

    private static long Vector(int floats) => NativeBuffer.Rounded(floats * (long)sizeof(float));
}
