using System.Text;

namespace SubSpec.Text.Vocabulary;

/// <summary>The bytes of every token, and which tokens are special.</summary>
internal sealed class TokenTexts
{
    private readonly byte[]?[] _bytes;
    private readonly HashSet<int> _special;

    /// <param name="vocabulary">Tokens in the byte alphabet.</param>
    /// <param name="added">Added tokens; they win where an id is in both.</param>
    public TokenTexts(Dictionary<string, int> vocabulary, IReadOnlyCollection<AddedToken> added)
    {
        _bytes = new byte[]?[1 + vocabulary.Values.Concat(added.Select(t => t.Id)).DefaultIfEmpty(-1).Max()];
        foreach ((string token, int id) in vocabulary) _bytes[id] = ByteAlphabet.Decode(token) ?? Encoding.UTF8.GetBytes(token);
        foreach (AddedToken token in added) _bytes[token.Id] = Encoding.UTF8.GetBytes(token.Content);
        _special = [.. added.Where(t => t.Special).Select(t => t.Id)];
    }

    /// <summary>One more than the highest id.</summary>
    public int Count => _bytes.Length;

    /// <summary>Bytes of a token; empty for an id without text and for a special token that is not kept.</summary>
    public ReadOnlySpan<byte> Bytes(int id, bool keepSpecial) =>
        id < 0 || id >= _bytes.Length || (!keepSpecial && _special.Contains(id)) ? [] : _bytes[id];
}
