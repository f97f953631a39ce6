using SubSpec.Core;
using SubSpec.Text.Splitting;

namespace SubSpec.Text.Tests.Splitting;

public class SplitterTests
{
    // The example of the tokenizers library's own documentation.
    [Theory]
    [InlineData(nameof(SplitBehavior.Removed), "the|final|countdown")]
    [InlineData(nameof(SplitBehavior.Isolated), "the|-|final|-|-|countdown")]
    [InlineData(nameof(SplitBehavior.MergedWithPrevious), "the-|final-|-|countdown")]
    [InlineData(nameof(SplitBehavior.MergedWithNext), "the|-final|-|-countdown")]
    [InlineData(nameof(SplitBehavior.Contiguous), "the|-|final|--|countdown")]
    public void Matches_are_pieces_or_parts_of_them(string behavior, string expected) =>
        Assert.Equal(expected.Split('|'), Split("the-final--countdown", "-", behavior));

    [Theory]
    [InlineData(nameof(SplitBehavior.Removed), "-|-|-")]
    [InlineData(nameof(SplitBehavior.Isolated), "the|-|final|-|-|countdown")]
    [InlineData(nameof(SplitBehavior.MergedWithPrevious), "the|-final|-|-countdown")]
    [InlineData(nameof(SplitBehavior.MergedWithNext), "the-|final-|-|countdown")]
    public void Inverted_what_lies_between_them_is(string behavior, string expected) =>
        Assert.Equal(expected.Split('|'), Split("the-final--countdown", "-", behavior, invert: true));

    [Theory]
    [InlineData(nameof(PrependScheme.Always), true, "▁a|▁b|▁|▁c")]
    [InlineData(nameof(PrependScheme.Always), false, "▁a|▁b|▁|▁c")]
    [InlineData(nameof(PrependScheme.First), true, "▁a|▁b|▁|▁c")]
    [InlineData(nameof(PrependScheme.First), false, "a|▁b|▁|▁c")]
    [InlineData(nameof(PrependScheme.Never), true, "a|▁b|▁|▁c")]
    public void Metaspace_marks_spaces_and_cuts_before_them(string scheme, bool first, string expected)
    {
        Assert.Equal(expected.Split('|'), new Metaspace("▁", Enum.Parse<PrependScheme>(scheme), split: true).Split("a b  c", first));
        Assert.Equal([expected.Replace("|", "", StringComparison.Ordinal)], new Metaspace("▁", Enum.Parse<PrependScheme>(scheme), split: false).Split("a b  c", first));
    }

    [Fact]
    public void Only_the_first_piece_of_several_is_first()
    {
        var splitter = new SequenceSplitter([new RegexSplitter(RegexSplitter.Compile(",")), new Metaspace("▁", PrependScheme.First, split: false)]);
        Assert.Equal(["▁a", ",", "b"], splitter.Split("a,b", first: true));
        Assert.Equal(["a", ",", "b"], splitter.Split("a,b", first: false));
    }

    [Fact]
    public void A_pattern_that_takes_for_ever_is_given_up()
    {
        var splitter = new RegexSplitter(RegexSplitter.Compile("(a+)+$", TimeSpan.FromMilliseconds(200)));
        Assert.Contains("(a+)+$", Assert.Throws<BadInputException>(() => splitter.Split(new string('a', 40) + "b", first: true).ToList()).Message, StringComparison.Ordinal);

        // Each match is quick, all of them together are not.
        var slow = new RegexSplitter(RegexSplitter.Compile("a(?=(b+)+c)|b", TimeSpan.FromMilliseconds(200)));
        string text = string.Concat(Enumerable.Repeat("a" + new string('b', 14) + "d", 20_000));
        Assert.Throws<BadInputException>(() => slow.Split(text, first: true).Count());
    }

    private static IEnumerable<string> Split(string text, string pattern, string behavior, bool invert = false) =>
        new RegexSplitter(RegexSplitter.Compile(pattern), Enum.Parse<SplitBehavior>(behavior), invert).Split(text, first: true);
}
