using SubSpec.Core.Trees;

namespace SubSpec.Core.Tests.Trees;

public class NGramIndexTests
{
    [Fact]
    public void What_followed_the_longest_match_comes_before_what_followed_a_later_shorter_one()
    {
        NGramIndex index = Of(1, 2, 3, 50, 51, 9, 3, 60, 9, 2, 3);
        // "1 2 3" stands at the beginning; "2 3" once more at the end, where nothing follows yet.
        AssertFound(3, [50, 51], index, [7, 1, 2, 3]);
        AssertFound(2, [50, 51], index, [8, 8, 2, 3]);
        AssertFound(2, [60, 9], index, [9, 3]);
    }

    [Fact]
    public void The_last_occurrence_counts() => AssertFound(2, [30, 1], Of(1, 2, 20, 1, 2, 30, 1, 2), []);

    [Fact]
    public void Text_without_repetition_is_not_guessed()
    {
        Assert.Equal(0, Find(Of(1, 2, 3, 4, 5, 6), [], 3).Length);
        Assert.Equal(0, Find(Of(), [1], 3).Length);
        Assert.Equal(0, Find(Of(5), [], 3).Length);
    }

    [Fact]
    public void A_period_goes_on_beyond_the_end_of_text_and_path() => AssertFound(4, [2, 1, 2, 1, 2], Of(1, 2, 1, 2, 1, 2), [1]);

    [Fact]
    public void It_finds_what_a_search_through_the_whole_text_finds()
    {
        var random = new Random(4);
        for (int run = 0; run < 300; run++)
        {
            int[] text = [.. Enumerable.Range(0, random.Next(0, 40)).Select(_ => random.Next(4))], path = [.. Enumerable.Range(0, random.Next(0, 6)).Select(_ => random.Next(4))];
            int[] all = [.. text, .. path];
            (int length, int[] guesses) = Find(Of(text), path, 3);
            (int Length, int At) expected = (0, 0);
            for (int n = NGramIndex.Longest; n >= NGramIndex.Shortest && expected.Length == 0; n--)
                for (int at = text.Length - 1; at >= n && all.Length >= n && expected.Length == 0; at--)
                    if (text[(at - n)..at].SequenceEqual(all[^n..])) expected = (n, at);
            Assert.Equal(expected.Length, length);
            if (length == 0) continue;
            List<int> longer = [.. all];
            for (int i = 0; i < 3; i++)
            {
                Assert.Equal(longer[expected.At + i], guesses[i]);
                longer.Add(guesses[i]);
            }
        }
    }

    private static void AssertFound(int length, int[] expected, NGramIndex index, int[] path)
    {
        (int found, int[] guesses) = Find(index, path, expected.Length);
        Assert.Equal(length, found);
        Assert.Equal(expected, guesses);
    }

    private static NGramIndex Of(params int[] tokens)
    {
        var index = new NGramIndex();
        foreach (int token in tokens) index.Add(token);
        return index;
    }

    private static (int Length, int[] Guesses) Find(NGramIndex index, int[] path, int count)
    {
        int[] guesses = new int[count];
        return (index.Find(path, guesses), guesses);
    }
}
