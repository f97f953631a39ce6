using System.Collections.Immutable;
using SubSpec.Actors.Scheduling;

namespace SubSpec.Actors.Tests.Scheduling;

public class CommitterTests
{
    private static readonly ImmutableHashSet<int> Eos = [8, 9];

    [Fact]
    public void Without_an_end_all_tokens_are_kept() => AssertCut([1, 2, 3], 4, [1, 2, 3], Finish.None);

    [Fact]
    public void The_first_end_of_text_token_is_the_last_token() => AssertCut([1, 9, 2, 8], 10, [1, 9], Finish.EndOfText);

    [Fact]
    public void What_is_left_cuts() => AssertCut([1, 2, 3], 2, [1, 2], Finish.Length);

    [Fact]
    public void Exactly_what_is_left_is_the_end() => AssertCut([1, 2, 3], 3, [1, 2, 3], Finish.Length);

    [Fact]
    public void An_end_of_text_token_behind_the_limit_does_not_count() => AssertCut([1, 2, 9], 2, [1, 2], Finish.Length);

    [Fact]
    public void An_end_of_text_token_at_the_limit_is_the_reason() => AssertCut([1, 9], 2, [1, 9], Finish.EndOfText);

    [Fact]
    public void No_token_left_is_a_bug() => Assert.Throws<ArgumentOutOfRangeException>(() => Committer.Cut([1], Eos, 0));

    private static void AssertCut(ImmutableArray<int> tokens, int left, int[] kept, object finish)
    {
        (ImmutableArray<int> actual, Finish reason) = Committer.Cut(tokens, Eos, left);
        Assert.Equal(kept, actual);
        Assert.Equal(finish, reason);
    }
}
