using SubSpec.Core;
using SubSpec.Torch.Memory;

namespace SubSpec.Torch.Models;

/// <summary>The shapes that a config promises, checked against the checkpoint before anything is read.</summary>
internal static class LayerShapes
{
    /// <summary>Name, output and input features of a layer's linears, in the order of <see cref="LayerTensors.Linears"/>.</summary>
    public static (string Name, int Out, int In)[] Of(ModelConfig config, LayerTensors names) =>
    [
        (names.Query, config.QueryWidth, config.Hidden),
        (names.Key, config.KvWidth, config.Hidden),
        (names.Value, config.KvWidth, config.Hidden),
        (names.Output, config.Hidden, config.QueryWidth),
        (names.Gate, config.Intermediate, config.Hidden),
        (names.Up, config.Intermediate, config.Hidden),
        (names.Down, config.Hidden, config.Intermediate),
    ];

    /// <summary>The tensor itself, or <see cref="BadInputException"/> where its shape is another.</summary>
    public static TensorInfo Check(TensorInfo tensor, params ReadOnlySpan<int> shape)
    {
        if (tensor.Shape.SequenceEqual(shape.ToArray())) return tensor;
        throw new BadInputException($"{tensor.File}: tensor {tensor.Name} has shape [{string.Join(", ", tensor.Shape)}], the config promises [{string.Join(", ", shape.ToArray())}]");
    }

    /// <summary>Checks every tensor that the model needs.</summary>
    public static void CheckAll(ITensorSource source, IModelFamily family, ModelConfig config)
    {
        Check(source.Find(family.Embedding), config.Vocabulary, config.Hidden);
        Check(source.Find(family.FinalNorm), config.Hidden);
        if (!config.TiedHead) Check(source.Find(family.Head), config.Vocabulary, config.Hidden);
        for (int layer = 0; layer < config.Layers; layer++)
        {
            LayerTensors names = family.Layer(layer);
            foreach ((string name, int rows, int columns) in Of(config, names)) Check(source.Find(name), rows, columns);
            foreach (string norm in new[] { names.InputNorm, names.PostNorm }) Check(source.Find(norm), config.Hidden);
            if (names.QueryBias is { } q) Check(source.Find(q), config.QueryWidth);
            if (names.KeyBias is { } k) Check(source.Find(k), config.KvWidth);
            if (names.ValueBias is { } v) Check(source.Find(v), config.KvWidth);
        }
    }
}
