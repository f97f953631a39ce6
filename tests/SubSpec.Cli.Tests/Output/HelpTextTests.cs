using SubSpec.Cli.Tests.Support;

namespace SubSpec.Cli.Tests.Output;

public sealed class HelpTextTests
{
    [Theory]
    [InlineData("")]
    [InlineData("--help")]
    [InlineData("-h")]
    public async Task The_program_lists_its_commands(string line)
    {
        using var cli = new CliHarness();
        Assert.Equal(ExitCodes.Done, await cli.RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        foreach (string command in new[] { "run", "chat", "bench", "plan", "inspect", "doctor", "simulate", "serve" }) Assert.Contains($"\n  {command} ", cli.Out, StringComparison.Ordinal);
        Assert.Equal("", cli.Error);
    }

    [Theory]
    [InlineData("run")]
    [InlineData("chat")]
    [InlineData("bench")]
    [InlineData("plan")]
    [InlineData("inspect")]
    [InlineData("doctor")]
    [InlineData("simulate")]
    [InlineData("serve")]
    public async Task A_command_explains_itself_even_beside_bad_arguments(string command)
    {
        using var cli = new CliHarness();
        Assert.Equal(ExitCodes.Done, await cli.RunAsync(command, "--max-tokens", "0", "--help"));
        Assert.Contains($"Usage: subspec {command}", cli.Out, StringComparison.Ordinal);
        Assert.Contains("Examples", cli.Out, StringComparison.Ordinal);
        Assert.All(cli.Out.Split('\n'), line => Assert.InRange(line.Length, 0, 140));
    }

    [Theory]
    [InlineData("--model --prompt --prompt-file --chat --max-tokens --temperature --top-p --top-k --min-p --stop --seed --method --schedule --set --draft-depth")]
    [InlineData("--draft-width --draft-floor --substitute-bits --memory-budget --context --rows --ring --link-bandwidth --device --threads --cache --json --trace")]
    public async Task Every_option_of_run_is_explained(string options)
    {
        using var cli = new CliHarness();
        await cli.RunAsync("run", "--help");
        Assert.All(options.Split(' '), option => Assert.Contains($"\n  {option} ", cli.Out, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Version_is_a_number()
    {
        using var cli = new CliHarness();
        Assert.Equal(ExitCodes.Done, await cli.RunAsync("--version"));
        Assert.Matches(@"^\d+\.\d+\.\d+", cli.Out);
    }
}
