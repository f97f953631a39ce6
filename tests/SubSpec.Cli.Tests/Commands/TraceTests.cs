using System.Text.Json;
using SubSpec.Cli.Tests.Support;
using SubSpec.Core;

namespace SubSpec.Cli.Tests.Commands;

public sealed class TraceTests : IDisposable
{
    private readonly CliHarness _cli = new();

    private string File => Path.Combine(_cli.Folder.Path, "out", "trace.json");

    public TraceTests() => Directory.CreateDirectory(Path.GetDirectoryName(File)!);

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task A_run_writes_its_events()
    {
        Assert.Equal(ExitCodes.Done, await _cli.RunAsync("run", "--max-tokens", "9", "--trace", File));
        // A prompt, and two rounds of four tokens.
        Assert.Equal(3, Complete().Count(e => e.GetProperty("name").GetString() == "stream"));
        Assert.Equal(2, Complete().Count(e => e.GetProperty("name").GetString() == "draft"));
        Assert.All(Complete(), e => Assert.Equal(["name", "cat", "ph", "ts", "dur", "pid", "tid", "args"], e.EnumerateObject().Select(p => p.Name)));
        Assert.All(Complete(), e => Assert.Subset(
            e.GetProperty("args").EnumerateObject().Select(p => p.Name).ToHashSet(), new HashSet<string> { "pass", "round", "layer", "rows", "session" }));
    }

    [Fact]
    public async Task A_conversation_writes_the_events_of_all_its_answers()
    {
        _cli.Input = new StringReader("hello\nagain\n");
        Assert.Equal(ExitCodes.Done, await _cli.RunAsync("chat", "--max-tokens", "5", "--trace", File));
        Assert.Equal(2, Complete().Count(e => e.GetProperty("name").GetString() == "prefill"));
    }

    [Fact]
    public async Task A_benchmark_marks_the_start_of_each_case()
    {
        Assert.Equal(ExitCodes.Done, await _cli.RunAsync("bench", "--prompt", "abc", "--repeat", "2", "--max-tokens", "9", "--trace", File));
        Assert.Equal(
            ["warming up: autoregressive adaptive x1", "warming up: subspec adaptive x1 (64 x 2)", "autoregressive adaptive x1, prompt 1, repetition 1", "subspec adaptive x1 (64 x 2), prompt 1, repetition 1",
                "autoregressive adaptive x1, prompt 1, repetition 2", "subspec adaptive x1 (64 x 2), prompt 1, repetition 2"],
            Events().Where(e => e.GetProperty("ph").GetString() == "i").Select(e => e.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task Without_it_the_host_notes_nothing()
    {
        await _cli.RunAsync("run", "--max-tokens", "9");
        Assert.False(Assert.Single(_cli.Hosts.Asked)!.Timeline.IsOn);
    }

    [Fact]
    public async Task What_failed_or_was_interrupted_is_traced_up_to_there()
    {
        _cli.Hosts.AfterDelta = tokens =>
        {
            if (tokens == 5) _cli.Interrupts.Press();
        };
        Assert.Equal(ExitCodes.Interrupted, await _cli.RunAsync("run", "--max-tokens", "50", "--trace", File));
        Assert.Single(Complete(), e => e.GetProperty("name").GetString() == "draft");
    }

    [Fact]
    public async Task Where_nothing_happened_nothing_is_left_behind()
    {
        _cli.Hosts.StartError = new BadInputException("the model is damaged");
        Assert.Equal(ExitCodes.BadInput, await _cli.RunAsync("run", "--trace", File));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(File)!));
    }

    [Fact]
    public async Task An_older_file_is_replaced_as_a_whole()
    {
        await System.IO.File.WriteAllTextAsync(File, new string('x', 100_000));
        Assert.Equal(ExitCodes.Done, await _cli.RunAsync("run", "--max-tokens", "9", "--trace", File));
        Assert.NotEmpty(Complete());
        Assert.Equal([File], Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(File)!));
    }

    private JsonElement[] Events() =>
        [.. JsonDocument.Parse(System.IO.File.ReadAllText(File)).RootElement.GetProperty("traceEvents").EnumerateArray()];

    private JsonElement[] Complete() => [.. Events().Where(e => e.GetProperty("ph").GetString() == "X")];
}
