namespace SubSpec.Text.Vocabulary;

/// <summary>Byte-pair encoding that begins with the characters of a piece, as SentencePiece does (Llama 2, Mistral, Gemma).</summary>
/// <param name="vocabulary">Tokens to ids.</param>
/// <param name="merges">The merges.</param>
/// <param name="unknown">What becomes of characters without token.</param>
/// <param name="wholes">A piece that is one of these tokens becomes it, whatever the merges say (<c>ignore_merges</c>); or null.</param>
/// <param name="unmerged">Tokens that are found before any merge and take part in none (SentencePiece's user-defined symbols).</param>
internal sealed class CharacterBpe(
    Dictionary<string, int> vocabulary, MergeTable merges, UnknownCharacters unknown, Dictionary<string, int>? wholes, AddedTokenFinder unmerged) : IPieceEncoder
{
    public void Append(string piece, List<int> ids)
    {
        if (wholes is not null && wholes.TryGetValue(piece, out int whole))
        {
            ids.Add(whole);
            return;
        }

        var initial = new List<int>(piece.Length);
        foreach (TextPart part in unmerged.Cut(piece, (_, _) => false))
        {
            if (part.Id is { } id) initial.Add(id);
            else AppendCharacters(piece.AsSpan(part.Start, part.Length), initial);
        }

        var symbols = new SymbolList([.. initial]);
        merges.Apply(symbols);
        symbols.AppendTo(ids);
    }

    private void AppendCharacters(ReadOnlySpan<char> text, List<int> symbols)
    {
        var tokens = vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        while (!text.IsEmpty)
        {
            ReadOnlySpan<char> character = text[..(char.IsHighSurrogate(text[0]) ? 2 : 1)];
            if (tokens.TryGetValue(character, out int id)) symbols.Add(id);
            else unknown.Append(character, symbols);
            text = text[character.Length..];
        }
    }
}
