using SubSpec.Core;

namespace SubSpec.Text.Vocabulary;

/// <summary>
/// The merges of byte-pair encoding. Of all neighbours that a merge joins, the most important merge goes first, the leftmost of
/// equals; a queue keeps that at O(n log n). Microsoft.ML.Tokenizers is not used for it: 200 000 letters without a space took its
/// BpeTokenizer 8 s and its TiktokenTokenizer 17 s (quadratic), and its SentencePieceTokenizer reads control tokens from plain text.
/// </summary>
internal sealed class MergeTable
{
    private readonly Dictionary<(int Left, int Right), Merge> _merges;

    private MergeTable(Dictionary<(int Left, int Right), Merge> merges) => _merges = merges;

    /// <param name="vocabulary">Tokens to ids.</param>
    /// <param name="pairs">Pairs of tokens, most important first.</param>
    /// <param name="damaged">Makes the error that names the file.</param>
    /// <exception cref="BadInputException">A merge names a token that does not exist.</exception>
    public static MergeTable OfPairs(Dictionary<string, int> vocabulary, IReadOnlyList<(string Left, string Right)> pairs, Func<string, BadInputException> damaged)
    {
        var merges = new Dictionary<(int Left, int Right), Merge>(pairs.Count);
        for (int rank = 0; rank < pairs.Count; rank++)
        {
            (string first, string second) = pairs[rank];
            if (!vocabulary.TryGetValue(first, out int left) || !vocabulary.TryGetValue(second, out int right) || !vocabulary.TryGetValue(first + second, out int joined))
                throw damaged($"merge {rank + 1} ('{first} {second}') does not join two tokens of the vocabulary into a third");
            // Of a pair that is listed twice the first, more important entry holds.
            merges.TryAdd((left, right), new Merge(rank, joined));
        }

        return new MergeTable(merges);
    }

    /// <summary>Merges of a vocabulary without a list of them: any two tokens that make a third are joined, by that third one's rank.</summary>
    /// <param name="tokens">Tokens to ids.</param>
    /// <param name="rankOf">The rank of an id, the most important lowest.</param>
    public static MergeTable OfRanks(Dictionary<string, int> tokens, Func<int, int> rankOf)
    {
        var merges = new Dictionary<(int Left, int Right), Merge>();
        var parts = tokens.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach ((string token, int id) in tokens)
        {
            for (int cut = 1; cut < token.Length; cut++)
            {
                if (parts.TryGetValue(token.AsSpan(0, cut), out int left) && parts.TryGetValue(token.AsSpan(cut), out int right))
                    merges[(left, right)] = new Merge(rankOf(id), id);
            }
        }

        return new MergeTable(merges);
    }

    /// <summary>Joins until no merge applies.</summary>
    public void Apply(SymbolList symbols)
    {
        var queue = new PriorityQueue<Candidate, (int Rank, int At)>();
        for (int at = 0; at + 1 < symbols.Ids.Length; at++) Offer(symbols, at, queue);
        while (queue.TryDequeue(out Candidate candidate, out _))
        {
            // A neighbour may have been merged since: then the candidate is stale.
            if (symbols.PairAt(candidate.At) != candidate.Pair) continue;
            symbols.JoinWithNext(candidate.At, candidate.Id);
            Offer(symbols, symbols.Before(candidate.At), queue);
            Offer(symbols, candidate.At, queue);
        }
    }

    private void Offer(SymbolList symbols, int at, PriorityQueue<Candidate, (int Rank, int At)> queue)
    {
        (int Left, int Right) pair = symbols.PairAt(at);
        if (_merges.TryGetValue(pair, out Merge merge)) queue.Enqueue(new Candidate(at, pair, merge.Id), (merge.Rank, at));
    }

    private readonly record struct Merge(int Rank, int Id);

    private readonly record struct Candidate(int At, (int Left, int Right) Pair, int Id);
}
