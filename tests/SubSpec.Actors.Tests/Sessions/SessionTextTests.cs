using SubSpec.Actors.Sessions;
using SubSpec.Actors.Tests.Fakes;
using SubSpec.Core.Generation;
using SubSpec.Core.Sampling;

namespace SubSpec.Actors.Tests.Sessions;

public class SessionTextTests
{
    private static readonly SessionId Id = new("s");

    [Fact]
    public void Tokens_become_text_and_every_part_is_taken_once()
    {
        SessionText text = New();
        text.Append(Ids("ab"), [], endOfText: false);
        Assert.Equal("ab", text.TakeUnsent(Id)!.Text);
        Assert.Null(text.TakeUnsent(Id));
        text.Append(Ids("cd"), [], endOfText: false);
        text.Append(Ids("e"), [], endOfText: false);
        TextDelta delta = text.TakeUnsent(Id)!;
        Assert.Equal("cde", delta.Text);
        Assert.Equal(Ids("cde"), delta.TokenIds.AsEnumerable());
        Assert.Equal("abcde", text.Text);
    }

    [Fact]
    public void An_end_of_text_token_has_no_text()
    {
        SessionText text = New("b");
        text.Append(Ids("ab"), [], endOfText: true);
        text.End();
        Assert.Equal(("a", 2, false), (text.Text, text.Tokens.Length, text.Stopped));
    }

    [Fact]
    public void A_stop_string_across_rounds_cuts_text_and_tokens()
    {
        SessionText text = New("cde");
        text.Append(Ids("abc"), [], endOfText: false);
        Assert.Equal("ab", text.TakeUnsent(Id)!.Text);
        text.Append(Ids("defg"), [], endOfText: false);
        Assert.True(text.Stopped);
        Assert.Equal(("ab", "abcde"), (text.Text, FakeCodec.TextOf(text.Tokens)));
        text.End();
        Assert.Equal("ab", text.Text);
    }

    [Fact]
    public void What_only_began_like_a_stop_string_is_text_in_the_end()
    {
        SessionText text = New("cde");
        text.Append(Ids("abcd"), [], endOfText: false);
        text.End();
        Assert.Equal(("abcd", false), (text.Text, text.Stopped));
    }

    [Fact]
    public void Log_probabilities_go_out_with_their_tokens()
    {
        SessionText text = New("cd");
        text.Append(Ids("a"), [Half('a')], endOfText: false);
        Assert.Equal(Ids("a"), text.TakeUnsent(Id)!.LogProbs.Select(p => p.Token));
        text.Append(Ids("bcde"), [Half('b'), Half('c'), Half('d'), Half('e')], endOfText: false);
        Assert.Equal(Ids("bcd"), text.TakeUnsent(Id)!.LogProbs.Select(p => p.Token));
        Assert.Equal(Ids("abcd"), text.LogProbs.Select(p => p.Token));
    }

    private static TokenLogProbs Half(char token) => new(token - ' ', Math.Log(0.5), []);

    private static System.Collections.Immutable.ImmutableArray<int> Ids(string text) => [.. text.Select(c => c - ' ')];

    private static SessionText New(params string[] stops) => new(new FakeCodec().CreateDetokenizer(), stops);
}
