using System.Collections.Immutable;
using SubSpec.Cli.Tests.Support;
using SubSpec.Core;
using SubSpec.Core.Generation;

namespace SubSpec.Cli.Tests.Commands;

public sealed class ChatCommandTests
{
    [Fact]
    public async Task The_conversation_is_kept_until_reset()
    {
        using var cli = Talking("hello", "and then?", "/reset", "again");
        Assert.Equal(ExitCodes.Done, await cli.RunAsync("chat", "--max-tokens", "2"));

        Assert.Equal([1, 1, 3], Conversations(cli).Select(c => c.Length).Order());
        ImmutableArray<(string, string)> longest = Conversations(cli).MaxBy(c => c.Length);
        Assert.Equal(new[] { ("user", "hello"), ("assistant", "w35 w48 "), ("user", "and then?") }, longest);
        Assert.Equal("w35 w48 \nw63 w76 \nw35 w48 \n", cli.Out);
    }

    [Fact]
    public async Task The_end_of_the_input_ends_the_conversation()
    {
        using var cli = Talking();
        Assert.Equal(ExitCodes.Done, await cli.RunAsync("chat"));
        Assert.Equal("", cli.Out + cli.Error);
        Assert.Equal(1, cli.Hosts.Disposed);
    }

    [Fact]
    public async Task Exit_leaves_before_the_end_of_the_input()
    {
        using var cli = Talking("/exit", "hello");
        Assert.Equal(ExitCodes.Done, await cli.RunAsync("chat"));
        Assert.Empty(cli.Hosts.Requests);
    }

    [Fact]
    public async Task An_interrupt_stops_the_answer_only()
    {
        using var cli = Talking("hello", "go on");
        bool pressed = false;
        cli.Hosts.AfterDelta = _ =>
        {
            if (!pressed) cli.Interrupts.Press();
            pressed = true;
        };
        Assert.Equal(ExitCodes.Done, await cli.RunAsync("chat", "--max-tokens", "5"));

        Assert.Contains("(stopped)", cli.Error, StringComparison.Ordinal);
        Assert.Contains(("assistant", "w35 "), Conversations(cli).MaxBy(c => c.Length));
        Assert.Equal(6, cli.Out.Split(' ', '\n').Count(word => word.StartsWith('w')));
    }

    [Fact]
    public async Task Statistics_explain_the_last_answer()
    {
        using var cli = Talking("/stats", "hello", "/stats");
        await cli.RunAsync("chat", "--max-tokens", "9");
        Assert.StartsWith("no finished answer yet\n", cli.Error, StringComparison.Ordinal);
        Assert.Contains("tau 3.0", cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_commands_are_not_sent_to_the_model()
    {
        using var cli = Talking("/restart", "");
        await cli.RunAsync("chat");
        Assert.StartsWith("unknown command /restart: /reset forgets", cli.Error, StringComparison.Ordinal);
        Assert.Empty(cli.Hosts.Requests);
    }

    [Fact]
    public async Task A_refused_message_does_not_end_the_conversation()
    {
        using var cli = Talking("hello", "/reset");
        cli.Hosts.RequestError = new BadInputException("the prompt is longer than the context");
        Assert.Equal(ExitCodes.Done, await cli.RunAsync("chat"));
        Assert.Equal("the prompt is longer than the context; /reset starts anew\nforgotten\n", cli.Error);
    }

    [Fact]
    public async Task A_model_without_a_chat_template_is_refused()
    {
        using var cli = Talking("hello");
        cli.Hosts.Codec = new FakeCodec(hasChatTemplate: false);
        Assert.Equal(ExitCodes.BadInput, await cli.RunAsync("chat"));
        Assert.Equal("subspec chat: demo has no chat template: use subspec run\n", cli.Error);
    }

    [Fact]
    public async Task An_interrupt_while_loading_ends_with_130()
    {
        using var cli = Talking("hello");
        cli.Hosts.WhileLoading = () => cli.Interrupts.Press();
        Assert.Equal(ExitCodes.Interrupted, await cli.RunAsync("chat"));
    }

    private static CliHarness Talking(params string[] lines) => new() { Input = new StringReader(string.Concat(lines.Select(line => line + "\n"))) };

    private static IEnumerable<ImmutableArray<(string Role, string Content)>> Conversations(CliHarness cli) => cli.Hosts.Requests.Select(request =>
        ((Prompt.Chat)request.Prompt).Messages.Select(m => (m.Role, m.Content)).ToImmutableArray());
}
