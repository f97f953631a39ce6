using System.Collections.Immutable;

namespace SubSpec.Actors.Scheduling;

/// <summary>Where plain decoding would have stopped within the tokens of one round.</summary>
internal static class Committer
{
    /// <summary>The tokens to keep: up to and including the first end-of-text token, and at most <paramref name="left"/> of them.</summary>
    /// <param name="left">Tokens that may still be chosen, 1 or more.</param>
    public static (ImmutableArray<int> Kept, Finish Finish) Cut(ImmutableArray<int> tokens, IReadOnlySet<int> eosTokens, int left)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(left, 1);
        for (int i = 0; i < tokens.Length; i++)
        {
            if (eosTokens.Contains(tokens[i])) return (tokens[..(i + 1)], Finish.EndOfText);
            if (i + 1 == left) return (tokens[..left], Finish.Length);
        }
        return (tokens, Finish.None);
    }
}
