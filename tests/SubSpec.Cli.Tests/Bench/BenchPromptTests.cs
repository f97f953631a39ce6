using SubSpec.Cli.Bench;
using SubSpec.Cli.Tests.Support;
using SubSpec.Core;

namespace SubSpec.Cli.Tests.Bench;

public sealed class BenchPromptTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Takes_the_first_turn_or_prompt_or_text()
    {
        string file = _folder.Add("p.jsonl", """
            {"question_id": 81, "turns": ["first", "second"], "prompt": "no"}
            {"prompt": "a prompt"}

            {"text": "a text"}
            """);
        Assert.Equal(new[] { "first", "a prompt", "a text" }, BenchPrompt.ReadFile(file));
    }

    [Theory]
    [InlineData("", "holds no prompts")]
    [InlineData("{\"prompt\": \"a\"}\n{oops", "line 2 is not JSON")]
    [InlineData("{\"question\": \"a\"}", "line 1 holds no prompt")]
    [InlineData("{\"turns\": []}", "line 1 holds no prompt")]
    [InlineData("{\"turns\": [7]}", "line 1: the prompt is not a text")]
    [InlineData("{\"text\": \"\"}", "line 1: the prompt is not a text")]
    [InlineData("[\"a\"]", "line 1 holds no prompt")]
    public void Names_the_line_that_is_wrong(string content, string message)
    {
        string file = _folder.Add("p.jsonl", content);
        Assert.Contains(message, Assert.Throws<BadInputException>(() => BenchPrompt.ReadFile(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Twenty_different_stories_are_built_in() => Assert.Equal(20, StoryPrompts.All.Distinct().Count());
}
