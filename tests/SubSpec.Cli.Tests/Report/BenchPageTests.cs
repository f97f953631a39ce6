using System.Text.Json;
using System.Text.RegularExpressions;
using SubSpec.Cli.Tests.Support;

namespace SubSpec.Cli.Tests.Report;

public sealed partial class BenchPageTests : IDisposable
{
    private readonly CliHarness _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task The_page_needs_nothing_but_itself()
    {
        string page = await PageAsync();
        Assert.StartsWith("<!DOCTYPE html>", page, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", page, StringComparison.Ordinal);
        // The only address in it is the name of a namespace.
        Assert.Equal(["http://www.w3.org/2000/svg"], Address().Matches(page).Select(m => m.Value));
        Assert.DoesNotMatch("""<link|<img|<iframe|@import|url\(|src=|fetch\(|XMLHttpRequest|import\(""", page);
        Assert.DoesNotContain("{{", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_figures_are_those_of_the_JSON_file()
    {
        string json = Path.Combine(_cli.Folder.Path, "result.json");
        JsonElement data = DataOf(await PageAsync("--schedules", "sequential,prefetch", "--json", json));
        JsonElement bench = data.GetProperty("bench"), file = JsonDocument.Parse(await File.ReadAllTextAsync(json)).RootElement;
        // Absent is null there.
        foreach (JsonProperty property in file.EnumerateObject().Where(p => p.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Array)))
            Assert.Equal(property.Value.GetRawText(), bench.GetProperty(property.Name).GetRawText());
        Assert.Equal(4, bench.GetProperty("rows").GetArrayLength());
        Assert.Equal(
            file.GetProperty("rows").EnumerateArray().Select(r => r.GetProperty("tokens_per_second").GetDouble()),
            bench.GetProperty("rows").EnumerateArray().Select(r => r.GetProperty("tokens_per_second").GetDouble()));
    }

    [Fact]
    public async Task A_few_rounds_of_each_case_begin_where_its_first_round_ended()
    {
        JsonElement data = DataOf(await PageAsync("--max-tokens", "33"));
        Assert.True(data.GetProperty("timeline_seconds").GetDouble() > 0);
        JsonElement[] cuts = [.. data.GetProperty("timelines").EnumerateArray()];
        Assert.Equal([0, 1], cuts.Select(c => c.GetProperty("row").GetInt32()));

        JsonElement[] spans = [.. cuts[1].GetProperty("spans").EnumerateArray()];
        // Of eight rounds of four tokens, the second to the fifth.
        Assert.Equal(4, spans.Count(s => s.GetProperty("stage").GetString() == "draft"));
        Assert.Equal(16, spans.Where(s => s.GetProperty("stage").GetString() == "commit").Sum(s => s.GetProperty("rows").GetInt32()));
        Assert.All(spans, s => Assert.True(s.GetProperty("start").GetDouble() >= 0));
        Assert.DoesNotContain(spans, s => s.GetProperty("stage").GetString() == "prefill");
    }

    [Fact]
    public async Task One_round_alone_is_shown_whole()
    {
        JsonElement cut = DataOf(await PageAsync("--max-tokens", "5")).GetProperty("timelines")[1];
        Assert.Contains(cut.GetProperty("spans").EnumerateArray(), s => s.GetProperty("stage").GetString() == "draft");
    }

    [Fact]
    public async Task No_text_of_others_becomes_markup()
    {
        const string Bad = "</script><img src=x onerror=alert(1)>&\"'";
        _cli.Hosts.Info = _cli.Hosts.Info with { Label = Bad };
        string folder = Path.GetDirectoryName(_cli.Folder.Add("<b>{{data}}&amp;/config.json"))!;
        string page = await PageAsync("--model", folder, "--prompt", Bad);
        Assert.DoesNotContain("<img", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", page, StringComparison.Ordinal);
        Assert.Contains("<title>&lt;b&gt;{{data}}&amp;amp;: SubSpec benchmark</title>", page, StringComparison.Ordinal);
        JsonElement bench = DataOf(page).GetProperty("bench");
        Assert.Equal((Bad, "<b>{{data}}&amp;"), (bench.GetProperty("label").GetString(), bench.GetProperty("model").GetString()));
    }

    [Fact]
    public async Task A_benchmark_that_fails_leaves_no_page()
    {
        _cli.Hosts.RequestError = new IOException("gone");
        string file = Path.Combine(_cli.Folder.Path, "page.html");
        Assert.Equal(ExitCodes.Failed, await _cli.RunAsync("bench", "--report", file));
        Assert.Empty(Directory.EnumerateFiles(_cli.Folder.Path));
    }

    private async Task<string> PageAsync(params string[] options)
    {
        string file = Path.Combine(_cli.Folder.Path, "page.html");
        string[] prompt = options.Contains("--prompt") ? [] : ["--prompt", "abc"];
        Assert.Equal(ExitCodes.Done, await _cli.RunAsync(["bench", .. prompt, .. options, "--report", file]));
        return await File.ReadAllTextAsync(file);
    }

    private static JsonElement DataOf(string page) => JsonDocument.Parse(Data().Match(page).Groups[1].Value).RootElement;

    [GeneratedRegex("""<script type="application/json" id="data">(.*?)</script>""", RegexOptions.Singleline)]
    private static partial Regex Data();

    [GeneratedRegex("""[a-z]+://[^"'\s]+""")]
    private static partial Regex Address();
}
