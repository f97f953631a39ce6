namespace SubSpec.Torch.Models;

/// <summary>
/// One architecture: how its config reads and, where they differ from the usual ones, what its tensors are called. One file each, named as
/// Hugging Face's <c>model_type</c>.
/// </summary>
internal interface IModelFamily
{
    string ModelType { get; }

    /// <summary>Throws <see cref="Core.BadInputException"/> naming the field that is missing, wrong or not supported.</summary>
    ModelConfig Read(ConfigReader config);

    LayerTensors Layer(ModelConfig config, int layer) => LayerTensors.Standard(config, layer);

    string Embedding => "model.embed_tokens.weight";

    string FinalNorm => "model.norm.weight";

    /// <summary>The head's own matrix, where it is not tied.</summary>
    string Head => "lm_head.weight";
}

/// <summary>The families that come with the program.</summary>
internal static class ModelFamilies
{
    private static readonly IModelFamily[] All = [new Llama(), new Mistral(), new Qwen2(), new Qwen3()];

    /// <summary>Their names, as <c>model_type</c> has them.</summary>
    public static string Names => string.Join(", ", All.Select(f => f.ModelType));

    /// <summary>Reads the config of a model folder (or a <c>config.json</c> itself) and finds its family.</summary>
    public static (IModelFamily Family, ModelConfig Config) Read(string path) => Read(ConfigReader.Open(path));

    /// <summary>Finds the family of a config and reads it.</summary>
    public static (IModelFamily Family, ModelConfig Config) Read(ConfigReader config)
    {
        string type = config.String("model_type");
        IModelFamily family = All.FirstOrDefault(f => f.ModelType == type)
            ?? throw config.Refuse("model_type", $"architecture '{type}' is not supported: use one of {Names}");
        string[] architectures = config.Strings("architectures");
        if (architectures.Length > 0 && !architectures.Any(a => a.EndsWith("ForCausalLM", StringComparison.Ordinal)))
            throw config.Refuse("architectures", $"'{architectures[0]}' is not supported: only causal language models are");
        return (family, family.Read(config));
    }
}
