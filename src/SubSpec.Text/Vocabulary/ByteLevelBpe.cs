using System.Text;
using SubSpec.Core;

namespace SubSpec.Text.Vocabulary;

/// <summary>
/// Byte-level byte-pair encoding of one pre-split piece of text at a time. Of all neighbours that a merge joins, the most important
/// merge goes first, the leftmost of equals; a queue keeps that at O(n log n), since a request may be one piece of megabytes.
/// </summary>
internal sealed class ByteLevelBpe
{
    private readonly Dictionary<string, int> _vocabulary;
    private readonly Dictionary<(int Left, int Right), Merge> _merges;
    private readonly int[] _idOfByte;
    private readonly bool _ignoreMerges;

    /// <param name="vocabulary">Tokens in the byte alphabet.</param>
    /// <param name="merges">Pairs <c>a b</c>, most important first.</param>
    /// <param name="ignoreMerges">A piece that is itself a token becomes that token, whatever the merges say (Llama 3).</param>
    /// <exception cref="BadInputException">A byte has no token, or a merge names a token that does not exist.</exception>
    public ByteLevelBpe(Dictionary<string, int> vocabulary, IReadOnlyList<string> merges, bool ignoreMerges)
    {
        _vocabulary = vocabulary;
        _ignoreMerges = ignoreMerges;
        _idOfByte = [.. ByteAlphabet.Characters.Select(symbol => FindByte(vocabulary, symbol))];
        _merges = new Dictionary<(int Left, int Right), Merge>(merges.Count);
        var tokens = vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        for (int rank = 0; rank < merges.Count; rank++) AddMerge(tokens, merges[rank], rank);
    }

    /// <summary>Appends the ids of one piece.</summary>
    public void Append(string piece, List<int> ids)
    {
        if (_ignoreMerges && _vocabulary.TryGetValue(ByteAlphabet.Encode(piece), out int whole))
        {
            ids.Add(whole);
            return;
        }

        byte[] bytes = Encoding.UTF8.GetBytes(piece);
        var symbols = new SymbolList(bytes.Length);
        for (int i = 0; i < bytes.Length; i++) symbols.Ids[i] = _idOfByte[bytes[i]];
        MergeAll(symbols);
        symbols.AppendTo(ids);
    }

    private void MergeAll(SymbolList symbols)
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

    private static int FindByte(Dictionary<string, int> vocabulary, char symbol) =>
        vocabulary.TryGetValue(symbol.ToString(), out int id)
            ? id
            : throw new BadInputException($"the vocabulary has no token for byte symbol '{symbol}': it is damaged, or not byte-level BPE, which is what is supported");

    private void AddMerge(Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> tokens, string merge, int rank)
    {
        int space = merge.IndexOf(' ');
        if (space < 0 || !tokens.TryGetValue(merge.AsSpan(0, space), out int left) || !tokens.TryGetValue(merge.AsSpan(space + 1), out int right)
            || !tokens.TryGetValue(merge.Remove(space, 1), out int joined))
            throw new BadInputException($"merge {rank + 1} ('{merge}') does not join two tokens of the vocabulary into a third: the tokenizer files are damaged or do not belong together");

        // Of a pair that is listed twice the first, more important entry holds.
        _merges.TryAdd((left, right), new Merge(rank, joined));
    }

    private readonly record struct Merge(int Rank, int Id);

    private readonly record struct Candidate(int At, (int Left, int Right) Pair, int Id);
}
