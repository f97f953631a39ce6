using SubSpec.Cli.Options;
using SubSpec.Cli.Tests.Support;
using SubSpec.Core;

namespace SubSpec.Cli.Tests.Options;

public sealed class ModelLocatorTests : IDisposable
{
    private const string Snapshot = "models--org--name/snapshots/abc123/config.json";

    private readonly CliHarness _cli = new();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("HF_HUB_CACHE", "cache", "cache")]
    [InlineData("HF_HOME", "home", "home/hub")]
    [InlineData("XDG_CACHE_HOME", "xdg", "xdg/huggingface/hub")]
    [InlineData(null, "", "user/.cache/huggingface/hub")]
    public void Finds_the_main_revision_in_the_Hugging_Face_cache(string? variable, string value, string hub)
    {
        if (variable is not null) _cli.Variables[variable] = Path.Combine(_cli.Folder.Path, value);
        string config = _cli.Folder.Add($"{hub}/{Snapshot}");
        _cli.Folder.Add($"{hub}/models--org--name/snapshots/older/config.json");
        _cli.Folder.Add($"{hub}/models--org--name/refs/main", "abc123\n");

        Assert.Equal(new LocatedModel("org/name", Path.GetDirectoryName(config)!, IsDemo: false), Find("org/name"));
    }

    [Fact]
    public void The_first_variable_wins()
    {
        _cli.Variables["HF_HUB_CACHE"] = Path.Combine(_cli.Folder.Path, "a");
        _cli.Variables["HF_HOME"] = Path.Combine(_cli.Folder.Path, "b");
        Assert.Equal(Path.Combine(_cli.Folder.Path, "a"), new HuggingFaceCache(_cli.Environment).Folder);
    }

    [Fact]
    public void The_only_revision_needs_no_reference()
    {
        string config = _cli.Folder.Add($"user/.cache/huggingface/hub/{Snapshot}");
        Assert.Equal(Path.GetDirectoryName(config), Find("org/name").Path);
    }

    [Theory]
    [InlineData("refs/main is missing", "models--org--name/snapshots/abc123/config.json", "models--org--name/snapshots/def456/config.json")]
    [InlineData("refs/main is missing", "models--org--name/blobs/abc123")]
    [InlineData("config.json is missing", "models--org--name/refs/main")]
    public void A_download_that_is_not_whole_is_named(string missing, params string[] files)
    {
        foreach (string file in files) _cli.Folder.Add($"user/.cache/huggingface/hub/{file}", "abc123");
        string message = Assert.Throws<BadInputException>(() => Find("org/name")).Message;
        Assert.Contains(missing, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_is_taken_by_its_path()
    {
        string config = _cli.Folder.Add("models/mine/config.json");
        string folder = Path.GetDirectoryName(config)!;
        Assert.Equal(new LocatedModel("mine", folder, IsDemo: false), Find(folder + "/"));
    }

    [Fact]
    public void A_folder_without_config_is_refused() => Assert.Contains("config.json", Assert.Throws<BadInputException>(() => Find(_cli.Folder.Path)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_config_file_will_do_only_where_no_weights_are_needed()
    {
        string config = _cli.Folder.Add("models/mine/config.json");
        Assert.Equal(new LocatedModel("mine", config, IsDemo: false), new ModelLocator(_cli.Environment).Find(config, configAlone: true));
        Assert.Throws<BadInputException>(() => Find(config));
    }

    [Fact]
    public void Without_a_name_the_demo_is_meant()
    {
        LocatedModel demo = Find(null);
        Assert.Equal(("demo", true), (demo.Name, demo.IsDemo));
        Assert.Equal(demo, Find("demo"));
    }

    [Fact]
    public void A_demo_that_is_missing_is_named()
    {
        Directory.Delete(Path.Combine(_cli.Folder.Path, "program"), recursive: true);
        Assert.Contains("embedded demo", Assert.Throws<BadInputException>(() => Find(null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_build_puts_the_demo_beside_the_executable() =>
        Assert.True(File.Exists(Path.Combine(AppContext.BaseDirectory, "models", "demo", "model.safetensors")));

    private LocatedModel Find(string? name) => new ModelLocator(_cli.Environment).Find(name, configAlone: false);
}
