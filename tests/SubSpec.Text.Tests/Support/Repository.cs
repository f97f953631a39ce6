using System.Runtime.CompilerServices;

namespace SubSpec.Text.Tests.Support;

/// <summary>Where the tests find their files.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string DemoModel => Path.Combine(Root, "config", "models", "demo");

    public static string Fixtures => Path.Combine(Root, "tests", "SubSpec.Text.Tests", "Fixtures");

    /// <summary>Large public vocabularies, beside the repository; absent in most checkouts.</summary>
    public static string SharedData => FindShared();

    private static string FindRoot([CallerFilePath] string here = "")
    {
        DirectoryInfo? folder = new FileInfo(here).Directory;
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "SubSpec.Actors.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException($"no SubSpec.Actors.sln above {here}");
    }

    /// <summary>The nearest <c>shared/data</c> beside a folder that holds the repository (a worktree lies deeper than a clone).</summary>
    private static string FindShared()
    {
        for (DirectoryInfo? folder = Directory.GetParent(Root); folder is not null; folder = folder.Parent)
        {
            string data = Path.Combine(folder.FullName, "shared", "data");
            if (Directory.Exists(data)) return data;
        }

        return Path.GetFullPath(Path.Combine(Root, "..", "shared", "data"));
    }
}
