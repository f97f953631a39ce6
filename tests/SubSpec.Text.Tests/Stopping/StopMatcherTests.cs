using SubSpec.Core;
using SubSpec.Core.Text;

namespace SubSpec.Text.Tests.Stopping;

public class StopMatcherTests
{
    [Fact]
    public void It_cuts_where_a_search_after_every_token_would()
    {
        var random = new Random(4);
        for (int round = 0; round < 3000; round++)
        {
            string[] stops = [.. Enumerable.Range(0, random.Next(4)).Select(_ => Letters(random, 1, 5))];
            string[] deltas = [.. Enumerable.Range(0, random.Next(1, 20)).Select(_ => Letters(random, 0, 4))];

            Assert.Equal(SearchAfterEveryToken(stops, deltas), Feed(stops, deltas));
        }
    }

    [Fact]
    public void Nothing_is_held_back_that_cannot_become_a_stop_string()
    {
        var random = new Random(9);
        for (int round = 0; round < 1000; round++)
        {
            string[] stops = [.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => Letters(random, 1, 5))];
            var matcher = new StopMatcher(stops);
            string emitted = "", all = "";
            for (int i = 0; i < 15; i++)
            {
                string delta = Letters(random, 0, 3);
                all += delta;
                StopStep step = matcher.Append(delta);
                if (step.Stopped) break;
                emitted += step.Text;

                string held = all[emitted.Length..];
                Assert.StartsWith(emitted, all, StringComparison.Ordinal);
                Assert.True(held.Length == 0 || stops.Any(s => s.Length > held.Length && s.StartsWith(held, StringComparison.Ordinal)), $"'{held}' was held back for {string.Join(',', stops)}");
            }
        }
    }

    [Fact]
    public void A_stop_string_across_tokens_is_found_at_the_token_that_completes_it()
    {
        var matcher = new StopMatcher(["\n\nUser:"]);

        Assert.Equal(new StopStep("Hello", null, 0), matcher.Append("Hello"));
        Assert.Equal(new StopStep("!", null, 1), matcher.Append("!\n"));
        Assert.Equal(new StopStep("", null, 2), matcher.Append("\nUs"));
        Assert.Equal(new StopStep("", "\n\nUser:", 3), matcher.Append("er: more"));
        Assert.Equal("", matcher.Flush());
    }

    [Fact]
    public void Text_held_back_is_given_out_at_the_end()
    {
        var matcher = new StopMatcher(["STOP"]);

        Assert.Equal("a", matcher.Append("aSTO").Text);
        Assert.Equal("STO", matcher.Flush());
        Assert.Equal("", matcher.Flush());
    }

    [Fact]
    public void Without_stop_strings_all_text_passes_at_once() => Assert.Equal(new StopStep("any", null, 0), new StopMatcher([]).Append("any"));

    [Fact]
    public void An_empty_stop_string_is_refused() => Assert.Throws<BadInputException>(() => new StopMatcher(["a", ""]));

    [Fact]
    public void Nothing_may_follow_a_stop_string()
    {
        var matcher = new StopMatcher(["x"]);
        Assert.True(matcher.Append("x").Stopped);
        Assert.Throws<InvalidOperationException>(() => matcher.Append("y"));
    }

    private static (string Text, int Tokens, bool Stopped) Feed(string[] stops, string[] deltas)
    {
        var matcher = new StopMatcher(stops);
        string text = "";
        foreach (string delta in deltas)
        {
            StopStep step = matcher.Append(delta);
            text += step.Text;
            if (step.Stopped) return (text, step.TokenIndex + 1, true);
        }

        return (text + matcher.Flush(), deltas.Length, false);
    }

    private static (string Text, int Tokens, bool Stopped) SearchAfterEveryToken(string[] stops, string[] deltas)
    {
        string all = "";
        for (int i = 0; i < deltas.Length; i++)
        {
            all += deltas[i];
            int[] hits = [.. stops.Select(s => all.IndexOf(s, StringComparison.Ordinal)).Where(at => at >= 0)];
            if (hits.Length > 0) return (all[..hits.Min()], i + 1, true);
        }

        return (all, deltas.Length, false);
    }

    /// <summary>Few different letters, so that beginnings of stop strings are everywhere.</summary>
    private static string Letters(Random random, int min, int max) => new([.. Enumerable.Range(0, random.Next(min, max)).Select(_ => (char)('a' + random.Next(2)))]);
}
