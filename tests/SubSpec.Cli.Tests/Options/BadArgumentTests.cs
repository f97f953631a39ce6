using SubSpec.Cli.Tests.Support;

namespace SubSpec.Cli.Tests.Options;

public sealed class BadArgumentTests
{
    [Theory]
    [InlineData("run --max-tokens 0", "--max-tokens '0'")]
    [InlineData("run --max-tokens many", "--max-tokens 'many'")]
    [InlineData("run --max-tokens", "--max-tokens")]
    [InlineData("run --seed 1 --seed 2", "--seed")]
    [InlineData("run --seed -1", "--seed '-1'")]
    [InlineData("run --temperature hot", "--temperature 'hot'")]
    [InlineData("run --temperature -1", "temperature -1")]
    [InlineData("run --temperature NaN", "--temperature 'NaN'")]
    [InlineData("run --top-p 0", "top-p 0")]
    [InlineData("run --top-p 1.5", "top-p 1.5")]
    [InlineData("run --top-k -3", "--top-k '-3'")]
    [InlineData("run --min-p 2", "min-p 2")]
    [InlineData("run --stop ", "--stop")]
    [InlineData("run --prompt ", "prompt is empty")]
    [InlineData("run --prompt a --prompt-file b", "more than one prompt")]
    [InlineData("run --prompt a -", "more than one prompt")]
    [InlineData("run --prompt-file no/such/file", "no/such/file")]
    [InlineData("run hello", "'hello'")]
    [InlineData("run --colour", "unknown option '--colour'")]
    [InlineData("run --method turbo", "unknown method 'turbo'")]
    [InlineData("run --schedule fast", "unknown schedule 'fast'")]
    [InlineData("run --set depth=3", "--set 'depth=3'")]
    [InlineData("run --set prefetch.depth", "--set 'prefetch.depth'")]
    [InlineData("run --set fast.depth=3", "unknown schedule 'fast'")]
    [InlineData("run --set prefetch.colour=3", "no setting 'colour'")]
    [InlineData("run --set prefetch.depth=x", "prefetch.depth=x")]
    [InlineData("run --set prefetch.floor=2", "prefetch.floor=2")]
    [InlineData("run --set prefetch.steps=3", "no setting 'steps': it knows depth, width, floor, max-nodes")]
    [InlineData("run --set interleave.steps=0", "whole number from 1")]
    [InlineData("run --schedule deeper-alone", "unknown schedule 'deeper-alone'")]
    [InlineData("run --schedule-assembly no/such.dll", "no/such.dll does not exist")]
    [InlineData("run --draft-depth -1", "--draft-depth '-1'")]
    [InlineData("run --draft-width 0", "--draft-width '0'")]
    [InlineData("run --draft-floor 1", "--draft-floor 1")]
    [InlineData("run --draft-depth 300", "depth 300")]
    [InlineData("run --draft-depth 40 --rows 32", "32 rows")]
    [InlineData("run --substitute-bits 5", "--substitute-bits '5'")]
    [InlineData("run --memory-budget lots", "--memory-budget 'lots'")]
    [InlineData("run --context 1", "--context '1'")]
    [InlineData("run --ring 0", "--ring '0'")]
    [InlineData("run --link-bandwidth 5MB", "--link-bandwidth '5MB'")]
    [InlineData("run --link-bandwidth /s", "--link-bandwidth '/s'")]
    [InlineData("run --device tpu", "--device 'tpu'")]
    [InlineData("run --threads 0", "--threads '0'")]
    [InlineData("run --model no-such-model", "no-such-model")]
    [InlineData("run --model some/where/deep", "some/where/deep")]
    [InlineData("run --model org/name", "org/name")]
    [InlineData("chat --prompt hello", "--prompt")]
    [InlineData("bench --methods subspec,turbo", "unknown method 'turbo'")]
    [InlineData("bench --methods ,", "--methods ','")]
    [InlineData("bench --schedules fast", "unknown schedule 'fast'")]
    [InlineData("bench --sessions 0", "--sessions '0'")]
    [InlineData("bench --repeat 0", "--repeat '0'")]
    [InlineData("bench --prompts no/such.jsonl", "no/such.jsonl")]
    [InlineData("bench --json no/such/folder/x.json", "no/such/folder/x.json")]
    [InlineData("bench --report no/such/folder/x.html", "no/such/folder/x.html")]
    [InlineData("bench --trace no/such/folder/x.json", "no/such/folder/x.json")]
    [InlineData("run --trace no/such/folder/x.json", "no/such/folder/x.json")]
    [InlineData("run --trace /", "it is a folder")]
    [InlineData("chat --trace no/such/folder/x.json", "no/such/folder/x.json")]
    [InlineData("plan --model nowhere", "nowhere")]
    [InlineData("inspect extra", "unexpected argument 'extra'")]
    [InlineData("doctor --deep", "unknown option '--deep'")]
    [InlineData("doctor --device tpu", "--device 'tpu'")]
    [InlineData("frobnicate", "unknown command 'frobnicate'")]
    [InlineData("--frobnicate", "unknown option '--frobnicate'")]
    public async Task One_line_on_standard_error_and_exit_code_2(string line, string mentions)
    {
        using var cli = new CliHarness();
        int code = await cli.RunAsync(line.Split(' '));

        Assert.Equal("", cli.Out);
        Assert.Matches(@"^subspec[^\n]*\n\z", cli.Error);
        Assert.Contains(mentions, cli.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.BadInput, code);
        Assert.Empty(cli.Hosts.Asked);
    }

    [Fact]
    public async Task Another_model_needs_a_prompt()
    {
        using var cli = new CliHarness();
        cli.Folder.Add("mine/config.json");

        Assert.Equal(ExitCodes.BadInput, await cli.RunAsync("run", "--model", Path.Combine(cli.Folder.Path, "mine")));
        Assert.StartsWith("subspec run: no prompt: give", cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_prompt_file_that_is_not_text_is_refused()
    {
        using var cli = new CliHarness();
        string file = cli.Folder.Add("bytes");
        await File.WriteAllBytesAsync(file, [0x61, 0xff, 0xfe]);

        Assert.Equal(ExitCodes.BadInput, await cli.RunAsync("run", "--prompt-file", file));
        Assert.Contains("is not UTF-8 text", cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_host_refuses_is_one_line_too()
    {
        using var cli = new CliHarness();
        cli.Hosts.StartError = new Core.BadInputException("the budget is too small:\ngive 3KB");

        Assert.Equal(ExitCodes.BadInput, await cli.RunAsync("run"));
        Assert.Equal("subspec run: the budget is too small: give 3KB\n", cli.Error);
    }
}
