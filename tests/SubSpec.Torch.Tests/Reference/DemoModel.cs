using System.Runtime.CompilerServices;

namespace SubSpec.Torch.Tests.Reference;

/// <summary>The model that stands in the repository.</summary>
internal static class DemoModel
{
    /// <summary>The folder <c>config/models/demo</c>.</summary>
    public static string Folder { get; } = Find();

    private static string Find([CallerFilePath] string here = "")
    {
        DirectoryInfo? folder = new FileInfo(here).Directory;
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "SubSpec.Actors.sln"))) folder = folder.Parent;
        return Path.Combine(folder?.FullName ?? throw new InvalidOperationException($"no SubSpec.Actors.sln above {here}"), "config", "models", "demo");
    }
}
