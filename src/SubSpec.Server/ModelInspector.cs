using System.Globalization;
using SubSpec.Core;
using SubSpec.Text;
using SubSpec.Torch.Models;

namespace SubSpec.Server;

/// <summary>Says what a model folder, or a <c>config.json</c> alone, holds.</summary>
internal static class ModelInspector
{
    public static ModelDescription Describe(string path)
    {
        if (!Directory.Exists(path)) return Of(path, ModelConfigReader.Read(path), null, "bf16 (assumed)", hasTemplate: false);
        ModelFolder model = ModelFolder.Open(path);
        string types = string.Join(", ", model.Checkpoint.Tensors.Select(t => t.Dtype.ToString().ToLower(CultureInfo.InvariantCulture)).Distinct().Order());
        return Of(path, model.Config, model, types, HasTemplate(path));
    }

    private static bool HasTemplate(string path)
    {
        try
        {
            return HuggingFaceTokenizer.Load(path).HasChatTemplate;
        }
        catch (BadInputException)
        {
            return false;
        }
    }

    private static ModelDescription Of(string path, ModelConfig config, ModelFolder? model, string types, bool hasTemplate)
    {
        long layer = (long)config.Hidden * (2 * config.QueryWidth + 2 * config.KvWidth + 3 * config.Intermediate);
        long embedding = (long)config.Vocabulary * config.Hidden;
        long parameters = model is null
            ? layer * config.Layers + embedding * (config.TiedHead ? 1 : 2)
            : model.Checkpoint.Tensors.Sum(t => t.Shape.Aggregate(1L, (product, size) => product * size));
        long bytes = model?.Checkpoint.Tensors.Sum(t => t.Bytes) ?? parameters * 2;
        return new ModelDescription(
            path,
            config.ModelType,
            config.Label,
            config.Layers,
            config.Hidden,
            config.Intermediate,
            config.Heads,
            config.KvHeads,
            config.HeadDim,
            config.Vocabulary,
            config.MaxContext,
            config.TiedHead,
            types,
            parameters,
            bytes,
            layer * 2,
            embedding * 2,
            2L * 2 * config.Layers * config.KvWidth,
            model?.Checkpoint.Files.Count ?? 0,
            model?.Checkpoint.Names.Count ?? 0,
            hasTemplate);
    }
}
