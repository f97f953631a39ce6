using System.Runtime.CompilerServices;
using System.Xml.Linq;

namespace SubSpec.Core.Tests.Repository;

/// <summary>The rules of the tree itself: which project may see which, what stands at the top, and how long a file may be.</summary>
public class RepositoryLayoutTests
{
    private const int MaxLines = 400;

    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["SubSpec.Core"] = [],
        ["SubSpec.Torch"] = ["SubSpec.Core"],
        ["SubSpec.Text"] = ["SubSpec.Core"],
        ["SubSpec.Actors"] = ["SubSpec.Core"],
        ["SubSpec.Server"] = ["SubSpec.Actors", "SubSpec.Text", "SubSpec.Torch"],
        ["SubSpec.Cli"] = ["SubSpec.Server"],
    };

    private static readonly string Root = FindRoot();

    [Fact]
    public void Projects_reference_only_what_the_design_allows()
    {
        var found = Directory.GetFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .ToDictionary(p => Path.GetFileNameWithoutExtension(p), References);

        Assert.Equal(Arrows.Keys.Order(), found.Keys.Order());
        Assert.All(Arrows, arrow => Assert.Equal(arrow.Value, found[arrow.Key].Order()));
    }

    [Fact]
    public void Only_the_torch_project_references_torch_packages()
    {
        string[] owners = [.. Directory.GetFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .Where(p => Packages(p).Any(id => id.Contains("torch", StringComparison.OrdinalIgnoreCase)))
            .Select(p => Path.GetFileNameWithoutExtension(p))];

        Assert.Equal(["SubSpec.Torch"], owners);
    }

    [Fact]
    public void No_source_file_is_longer_than_400_lines()
    {
        string[] files = [.. new[] { "src", "tests", "tools" }.SelectMany(SourceFiles)];
        Assert.NotEmpty(files);
        Assert.Equal([], files.Select(f => (File: Path.GetRelativePath(Root, f), Lines: File.ReadLines(f).Count())).Where(f => f.Lines > MaxLines));
    }

    [Fact]
    public void The_top_level_holds_nothing_but_the_agreed_entries()
    {
        string[] allowed = ["SubSpec.Actors.sln", "src", "tests", "config", "tools", "README.md", "NuGet.config", "global.json", "TestResults"];
        Assert.Equal([], Directory.EnumerateFileSystemEntries(Root).Select(e => Path.GetFileName(e)!)
            .Where(n => !n.StartsWith('.') && !n.EndsWith(".props", StringComparison.Ordinal) && !n.EndsWith(".targets", StringComparison.Ordinal))
            .Except(allowed));
    }

    private static IEnumerable<string> SourceFiles(string folder) =>
        Directory.GetFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"));

    private static IEnumerable<string> References(string project) =>
        XDocument.Load(project).Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value));

    private static IEnumerable<string> Packages(string project) =>
        XDocument.Load(project).Descendants("PackageReference").Select(r => r.Attribute("Include")!.Value);

    private static string FindRoot([CallerFilePath] string here = "")
    {
        DirectoryInfo? folder = new FileInfo(here).Directory;
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "SubSpec.Actors.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException($"no SubSpec.Actors.sln above {here}");
    }
}
