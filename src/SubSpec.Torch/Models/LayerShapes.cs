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

    /// <summary>Name and length of the vectors that a layer has: norms and biases.</summary>
    public static (string Name, int Length)[] Vectors(ModelConfig config, LayerTensors names)
    {
        (string? Name, int Length)[] all =
        [
            (names.InputNorm, config.Hidden),
            (names.PostNorm, config.Hidden),
            (names.QueryBias, config.QueryWidth),
            (names.KeyBias, config.KvWidth),
            (names.ValueBias, config.KvWidth),
            (names.OutputBias, config.Hidden),
            (names.GateBias, config.Intermediate),
            (names.UpBias, config.Intermediate),
            (names.DownBias, config.Hidden),
            (names.QueryNorm, config.HeadDim),
            (names.KeyNorm, config.HeadDim),
        ];
        return [.. all.Where(v => v.Name is not null).Select(v => (v.Name!, v.Length))];
    }

    /// <summary>Name and shape of every tensor of a model, in the order of their use.</summary>
    public static IEnumerable<(string Name, int[] Shape)> All(IModelFamily family, ModelConfig config)
    {
        yield return (family.Embedding, [config.Vocabulary, config.Hidden]);
        for (int layer = 0; layer < config.Layers; layer++)
        {
            LayerTensors names = family.Layer(config, layer);
            foreach ((string name, int length) in Vectors(config, names)) yield return (name, [length]);
            foreach ((string name, int rows, int columns) in Of(config, names)) yield return (name, [rows, columns]);
        }
        yield return (family.FinalNorm, [config.Hidden]);
        if (!config.TiedHead) yield return (family.Head, [config.Vocabulary, config.Hidden]);
    }

    /// <summary>The tensor itself, or <see cref="BadInputException"/> where its shape is another.</summary>
    public static TensorInfo Check(TensorInfo tensor, params ReadOnlySpan<int> shape)
    {
        if (tensor.Shape.SequenceEqual(shape.ToArray())) return tensor;
        throw new BadInputException($"{tensor.File}: tensor {tensor.Name} has shape [{string.Join(", ", tensor.Shape)}], the config promises [{string.Join(", ", shape.ToArray())}]");
    }

    /// <summary>Checks every tensor that the model needs.</summary>
    /// <param name="folder">Of the model, for messages.</param>
    public static void CheckAll(ITensorSource source, IModelFamily family, ModelConfig config, string folder)
    {
        if (!config.TiedHead && !source.Names.Contains(family.Head))
            throw new BadInputException($"{Path.Combine(folder, "config.json")}: tie_word_embeddings: not true, but the checkpoint has no {family.Head}: set it to true if the head is the embedding");
        foreach ((string name, int[] shape) in All(family, config)) Check(source.Find(name), shape);
    }
}
