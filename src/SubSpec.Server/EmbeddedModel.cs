namespace SubSpec.Server;

/// <summary>The demo model that comes with the program.</summary>
public static class EmbeddedModel
{
    /// <summary>Beside the program, where build and publish put it.</summary>
    public static string Folder => Path.Combine(AppContext.BaseDirectory, "models", "demo");

    /// <summary>Whether a path is the embedded model.</summary>
    public static bool Is(string path) => string.Equals(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)), Path.GetFullPath(Folder), StringComparison.Ordinal);
}
