using System.Collections.Immutable;
using SubSpec.Core;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Safetensors;

namespace SubSpec.Torch.Models;

/// <summary>A model on disk, understood and checked: its config, its family, its tensors. Nothing large has been read.</summary>
public sealed class ModelFolder
{
    private ModelFolder(string path, IModelFamily family, ModelConfig config, ITensorSource checkpoint, ImmutableHashSet<int> endTokens) =>
        (Path, Family, Config, Checkpoint, EndTokens) = (path, family, config, checkpoint, endTokens);

    public string Path { get; }

    public ModelConfig Config { get; }

    /// <summary>Its weights: the folder's safetensors unless others were given.</summary>
    public ITensorSource Checkpoint { get; }

    /// <summary>Choosing one of these ends an answer: the ids of <c>generation_config.json</c> and <c>config.json</c>.</summary>
    public ImmutableHashSet<int> EndTokens { get; }

    internal IModelFamily Family { get; }

    /// <summary>Throws <see cref="BadInputException"/> naming the file, field or tensor that is missing or wrong.</summary>
    /// <param name="weights">In place of the folder's safetensors, which need not be there then; null for those.</param>
    public static ModelFolder Open(string path, ITensorSource? weights = null)
    {
        if (!Directory.Exists(path)) throw new BadInputException($"{path}: no such model folder; give a folder with config.json, tokenizer and safetensors");
        (IModelFamily family, ModelConfig config) = ModelFamilies.Read(path);
        ITensorSource checkpoint = weights ?? Safetensors.Checkpoint.Open(path);
        LayerShapes.CheckAll(checkpoint, family, config, path);
        return new ModelFolder(path, family, config, checkpoint, GenerationConfig.Read(path).EndTokens);
    }

    /// <summary>The tensor of the head: the embedding where it is tied.</summary>
    internal string HeadName => Config.TiedHead ? Family.Embedding : Family.Head;

    /// <summary>Whether its weights are made when they are asked for.</summary>
    internal bool IsGenerated => Checkpoint.Find(HeadName).IsGenerated;

    /// <summary>The tensors of a layer's linears, in the order of their use.</summary>
    internal TensorInfo[] Linears(int layer) => [.. LinearNames(layer).Select(Checkpoint.Find)];

    /// <summary>The names of a layer's linears, in the order of their use.</summary>
    internal string[] LinearNames(int layer) => Family.Layer(Config, layer).Linears;
}
