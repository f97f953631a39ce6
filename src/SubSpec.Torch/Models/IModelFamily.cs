using System.Text.Json;

namespace SubSpec.Torch.Models;

/// <summary>One architecture: how its config reads and what its tensors are called. One file each, named as Hugging Face's <c>model_type</c>.</summary>
internal interface IModelFamily
{
    string ModelType { get; }

    /// <summary>Throws <see cref="Core.BadInputException"/> naming the field that is missing, wrong or not supported.</summary>
    ModelConfig Read(ConfigReader config);

    LayerTensors Layer(int layer);

    string Embedding { get; }

    string FinalNorm { get; }

    /// <summary>The head's own matrix, where it is not tied.</summary>
    string Head { get; }
}

/// <summary>The families that come with the program.</summary>
internal static class ModelFamilies
{
    private static readonly IModelFamily[] All = [new Qwen2()];

    /// <summary>Reads the config of a model folder (or a <c>config.json</c> itself) and finds its family.</summary>
    public static (IModelFamily Family, ModelConfig Config) Read(string path)
    {
        ConfigReader reader = ConfigReader.Open(path);
        string type = reader.String("model_type");
        IModelFamily family = All.FirstOrDefault(f => f.ModelType == type)
            ?? throw reader.Refuse("model_type", $"architecture '{type}' is not supported: use one of {string.Join(", ", All.Select(f => f.ModelType))}");
        return (family, family.Read(reader));
    }
}
