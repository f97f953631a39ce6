using System.Collections.Immutable;
using SubSpec.Cli.Tests.Support;
using SubSpec.Core.Generation;
using SubSpec.Core.Text;

namespace SubSpec.Cli.Tests.Commands;

public sealed class RunCommandTests
{
    [Fact]
    public async Task Text_goes_to_standard_output_and_the_summary_to_standard_error()
    {
        using var cli = new CliHarness();
        Assert.Equal(ExitCodes.Done, await cli.RunAsync("run", "--prompt", "abc", "--max-tokens", "5"));

        Assert.Equal("w21 w34 w47 w60 w73 \n", cli.Out);
        Assert.Contains("tokens/s", cli.Error, StringComparison.Ordinal);
        Assert.Contains("seed 77", cli.Error, StringComparison.Ordinal);
        Assert.Equal(1, cli.Hosts.Disposed);
    }

    [Fact]
    public async Task Text_is_there_as_soon_as_it_is_certain()
    {
        using var cli = new CliHarness();
        var seen = new List<string>();
        cli.Hosts.AfterDelta = _ => seen.Add(cli.Out);
        await cli.RunAsync("run", "--prompt", "abc", "--max-tokens", "5");

        Assert.Equal(["w21 ", "w21 w34 w47 w60 w73 "], seen);
    }

    [Theory]
    [InlineData("run -")]
    [InlineData("run --prompt -")]
    public async Task A_dash_reads_standard_input(string line)
    {
        using var cli = new CliHarness { Input = new StringReader("from\na pipe") };
        await cli.RunAsync(line.Split(' '));
        Assert.Equal(new Prompt.Text("from\na pipe"), Assert.Single(cli.Hosts.Requests).Prompt);
    }

    [Theory]
    [InlineData("@file")]
    [InlineData("- a list")]
    [InlineData("a=b: c")]
    [InlineData("[diagram]")]
    public async Task A_prompt_is_taken_as_it_is(string prompt)
    {
        using var cli = new CliHarness();
        Assert.Equal(ExitCodes.Done, await cli.RunAsync("run", "--prompt", prompt));
        Assert.Equal(new Prompt.Text(prompt), Assert.Single(cli.Hosts.Requests).Prompt);
    }

    [Fact]
    public async Task A_file_holds_the_prompt()
    {
        using var cli = new CliHarness();
        await cli.RunAsync("run", "--prompt-file", cli.Folder.Add("p.txt", "größer\n"));
        Assert.Equal(new Prompt.Text("größer\n"), Assert.Single(cli.Hosts.Requests).Prompt);
    }

    [Fact]
    public async Task Chat_makes_a_message_of_the_prompt()
    {
        using var cli = new CliHarness();
        await cli.RunAsync("run", "--chat", "--prompt", "hello");
        ImmutableArray<ChatMessage> messages = Assert.IsType<Prompt.Chat>(Assert.Single(cli.Hosts.Requests).Prompt).Messages;
        Assert.Equal(new ChatMessage("user", "hello"), Assert.Single(messages));
    }

    [Fact]
    public async Task Nothing_but_text_and_summary_is_written_where_there_is_no_terminal()
    {
        using var cli = new CliHarness();
        await cli.RunAsync("run", "--max-tokens", "2", "--json");
        Assert.Equal("", cli.Error);
        Assert.DoesNotContain('\r', cli.Out);
    }

    [Fact]
    public async Task A_terminal_shows_progress_and_the_demos_prompt()
    {
        using var cli = new CliHarness { Terminal = true };
        await cli.RunAsync("run", "--max-tokens", "2");
        Assert.Contains("building substitutes", cli.Error, StringComparison.Ordinal);
        Assert.Contains("42.0 s left", cli.Error, StringComparison.Ordinal);
        Assert.Contains("Once upon a time", cli.Error, StringComparison.Ordinal);
        Assert.StartsWith("w", cli.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Warnings_of_the_host_are_passed_on()
    {
        using var cli = new CliHarness();
        cli.Hosts.Info = cli.Hosts.Info with { Warnings = ["direct I/O is refused here"] };
        await cli.RunAsync("run", "--json");
        Assert.Equal("warning: direct I/O is refused here\n", cli.Error);
    }

    [Fact]
    public async Task An_interrupt_while_loading_ends_with_130()
    {
        using var cli = new CliHarness();
        cli.Hosts.WhileLoading = () => cli.Interrupts.Press();
        Assert.Equal(ExitCodes.Interrupted, await cli.RunAsync("run"));
        Assert.Equal("", cli.Out);
        Assert.Equal("subspec run: interrupted\n", cli.Error);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    public async Task An_interrupt_while_generating_keeps_the_text_and_ends_with_130(int tokens)
    {
        using var cli = new CliHarness();
        cli.Hosts.AfterDelta = n =>
        {
            if (n == tokens) Assert.True(cli.Interrupts.Press());
        };
        Assert.Equal(ExitCodes.Interrupted, await cli.RunAsync("run", "--prompt", "abc"));
        Assert.Equal(tokens, cli.Out.Split(' ', '\n').Count(word => word.StartsWith('w')));
        Assert.EndsWith("\n", cli.Out, StringComparison.Ordinal);
        Assert.Equal(1, cli.Hosts.Disposed);
    }

    [Fact]
    public async Task An_interrupted_JSON_run_prints_no_half_object()
    {
        using var cli = new CliHarness();
        cli.Hosts.AfterDelta = _ => cli.Interrupts.Press();
        Assert.Equal(ExitCodes.Interrupted, await cli.RunAsync("run", "--json"));
        Assert.Equal("", cli.Out);
    }

    [Fact]
    public async Task Whatever_an_interrupted_part_throws_is_an_interruption()
    {
        using var cli = new CliHarness();
        cli.Hosts.AfterDelta = _ =>
        {
            cli.Interrupts.Press();
            throw new IOException("stopping");
        };
        Assert.Equal(ExitCodes.Interrupted, await cli.RunAsync("run"));
    }

    [Fact]
    public async Task A_failure_is_one_line_and_exit_code_1()
    {
        using var cli = new CliHarness();
        cli.Hosts.RequestError = new IOException("the disk is\ngone");
        Assert.Equal(ExitCodes.Failed, await cli.RunAsync("run"));
        Assert.Equal("subspec run: failed: the disk is gone (IOException)\n", cli.Error);
    }

    [Fact]
    public void A_second_press_is_left_to_the_system()
    {
        using var interrupts = new Interrupts();
        Assert.True(interrupts.Press());
        Assert.False(interrupts.Press());
        Assert.False(interrupts.Rearm().IsCancellationRequested);
        Assert.True(interrupts.Press());
    }
}
