namespace SubSpec.Text.Vocabulary;

/// <summary>
/// SentencePiece's unigram model: of all ways to cut a piece into tokens, the one with the highest sum of scores (Viterbi).
/// Microsoft.ML.Tokenizers 2.0.1 has it too, but gives wrong ids for byte fallback and fails on models without beginning-of-text token.
/// </summary>
internal sealed class Unigram : IPieceEncoder
{
    private const float UnknownPenalty = 10;
    private readonly Dictionary<string, (int Id, float Score)> _tokens;
    private readonly UnknownCharacters _unknown;
    private readonly float _unknownScore;
    private readonly int _maxLength;

    /// <param name="tokens">Tokens to ids and scores; no control tokens.</param>
    /// <param name="unknown">What becomes of characters without token.</param>
    public Unigram(Dictionary<string, (int Id, float Score)> tokens, UnknownCharacters unknown)
    {
        _tokens = tokens;
        _unknown = unknown;
        _unknownScore = tokens.Values.Select(t => t.Score).DefaultIfEmpty(0).Min() - UnknownPenalty;
        _maxLength = tokens.Keys.Select(t => t.Length).DefaultIfEmpty(0).Max();
    }

    public void Append(string piece, List<int> ids)
    {
        Step[] best = FindBest(piece);
        var ends = new Stack<int>();
        for (int end = piece.Length; end > 0; end = best[end].Start) ends.Push(end);

        var own = new List<int>(ends.Count);
        foreach (int end in ends)
        {
            if (best[end].Id is { } id) own.Add(id);
            else _unknown.Append(piece.AsSpan(best[end].Start..end), own);
        }

        ids.AddRange(own);
    }

    /// <summary>For each place in the piece the last token of the best way to it.</summary>
    private Step[] FindBest(string piece)
    {
        var best = new Step[piece.Length + 1];
        Array.Fill(best, new Step(-1, null, float.NegativeInfinity), 1, piece.Length);
        var tokens = _tokens.GetAlternateLookup<ReadOnlySpan<char>>();
        for (int start = 0, width; start < piece.Length; start += width)
        {
            width = char.IsHighSurrogate(piece[start]) ? 2 : 1;
            Step unknown = new(start, null, best[start].Score + _unknownScore);
            bool known = false;
            for (int end = start + width; end <= Math.Min(piece.Length, start + _maxLength); end++)
            {
                if (!tokens.TryGetValue(piece.AsSpan(start..end), out (int Id, float Score) token)) continue;
                known |= end == start + width;
                Step step = new(start, token.Id, best[start].Score + token.Score);
                if (step.Score > best[end].Score) best[end] = step;
            }

            if (!known && unknown.Score > best[start + width].Score) best[start + width] = unknown;
        }

        return best;
    }

    private readonly record struct Step(int Start, int? Id, float Score);
}
