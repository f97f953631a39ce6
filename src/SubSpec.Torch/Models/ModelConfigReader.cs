namespace SubSpec.Torch.Models;

/// <summary>Reads a model's config where there is no checkpoint to check it against.</summary>
public static class ModelConfigReader
{
    /// <param name="path">A model folder or a <c>config.json</c>. Throws <see cref="Core.BadInputException"/> for one that cannot be used.</param>
    public static ModelConfig Read(string path) => ModelFamilies.Read(path).Config;
}
