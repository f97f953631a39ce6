using System.Runtime.InteropServices;

namespace SubSpec.Core.Trees;

/// <summary>
/// Which token followed when the last few tokens were there before: prompt lookup decoding (Saxena 2023), over a text that grows. A token costs
/// <see cref="Longest"/> - <see cref="Shortest"/> + 1 entries of a hash table, a look-up as many probes.
/// </summary>
public sealed class NGramIndex
{
    public const int Shortest = 2, Longest = 4;

    // Token ids are 0 or more.
    private const int NoToken = -1;

    private readonly List<int> _tokens = [];

    // Of an n-gram, shorter ones padded on the left: where the token stands that followed it last. The text's own end has none yet.
    private readonly Dictionary<(int, int, int, int), int> _followers = [];

    public int Count => _tokens.Count;

    public void Add(int token)
    {
        ReadOnlySpan<int> before = CollectionsMarshal.AsSpan(_tokens);
        for (int length = Shortest; length <= Math.Min(Longest, before.Length); length++) _followers[Key(before[^length..])] = before.Length;
        _tokens.Add(token);
    }

    /// <summary>What followed the last occurrence of the longest n-gram that ends text and path and has one.</summary>
    /// <param name="path">Tokens behind the text, which are not part of it.</param>
    /// <param name="guesses">Receives the tokens that followed, as many as it has room for. Where they reach the path's end, they go on with themselves: a text with a period.</param>
    /// <returns>Length of the n-gram; 0 where there is none, and <paramref name="guesses"/> is as it was.</returns>
    public int Find(ReadOnlySpan<int> path, Span<int> guesses)
    {
        Span<int> end = stackalloc int[Longest];
        int total = _tokens.Count + path.Length, most = Math.Min(Longest, total);
        for (int i = 1; i <= most; i++) end[^i] = At(total - i, path, guesses);
        for (int length = most; length >= Shortest; length--)
        {
            if (!_followers.TryGetValue(Key(end[^length..]), out int follower)) continue;
            for (int i = 0; i < guesses.Length; i++) guesses[i] = At(follower + i, path, guesses);
            return length;
        }
        return 0;
    }

    private int At(int position, ReadOnlySpan<int> path, ReadOnlySpan<int> guesses)
    {
        if (position < _tokens.Count) return _tokens[position];
        position -= _tokens.Count;
        return position < path.Length ? path[position] : guesses[position - path.Length];
    }

    private static (int, int, int, int) Key(ReadOnlySpan<int> gram) =>
        (gram.Length > 3 ? gram[^4] : NoToken, gram.Length > 2 ? gram[^3] : NoToken, gram[^2], gram[^1]);
}
