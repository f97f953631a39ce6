using System.Text.RegularExpressions;
using SubSpec.Core;

namespace SubSpec.Cli.Options;

/// <summary>A model on this machine.</summary>
/// <param name="Path">Its folder, or its <c>config.json</c> where that alone will do.</param>
/// <param name="IsDemo">Whether it is the embedded one.</param>
internal sealed record LocatedModel(string Name, string Path, bool IsDemo);

/// <summary>Finds what <c>--model</c> names. Looks on this machine only.</summary>
internal sealed partial class ModelLocator(CliEnvironment environment)
{
    public const string Demo = "demo";

    /// <param name="name">A folder, <c>org/name</c>, <c>demo</c>, or null for the demo.</param>
    /// <exception cref="BadInputException">There is no such model.</exception>
    public LocatedModel Find(string? name, bool configAlone)
    {
        if (name is null || (name == Demo && !Path.Exists(name))) return EmbeddedDemo();
        if (Directory.Exists(name)) return InFolder(name);
        if (File.Exists(name)) return InFile(name, configAlone);
        if (HubName().IsMatch(name)) return new LocatedModel(name, new HuggingFaceCache(environment).Find(name), IsDemo: false);
        throw new BadInputException($"--model '{name}' is neither a folder here nor a name like org/name: give the folder that holds config.json");
    }

    private LocatedModel EmbeddedDemo()
    {
        string folder = Path.Combine(environment.ProgramFolder, "models", Demo);
        return File.Exists(Path.Combine(folder, "config.json"))
            ? new LocatedModel(Demo, folder, IsDemo: true)
            : throw new BadInputException($"the embedded demo model is missing from {folder}: install again, or give --model DIR");
    }

    private static LocatedModel InFolder(string name)
    {
        string folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(name));
        return File.Exists(Path.Combine(folder, "config.json"))
            ? new LocatedModel(Path.GetFileName(folder), folder, IsDemo: false)
            : throw new BadInputException($"--model '{name}' has no config.json: give a Hugging Face model folder");
    }

    private static LocatedModel InFile(string name, bool configAlone)
    {
        string file = Path.GetFullPath(name);
        if (!file.EndsWith(".json", StringComparison.OrdinalIgnoreCase) || !configAlone)
            throw new BadInputException($"--model '{name}' is a file: give the folder that holds config.json and the weights");
        string title = Path.GetFileName(file) == "config.json" && Path.GetFileName(Path.GetDirectoryName(file)) is { Length: > 0 } folder ? folder : Path.GetFileName(file);
        return new LocatedModel(title, file, IsDemo: false);
    }

    [GeneratedRegex(@"^[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*\z")]
    private static partial Regex HubName();
}
