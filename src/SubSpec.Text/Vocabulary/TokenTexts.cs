using System.Text;

namespace SubSpec.Text.Vocabulary;

/// <summary>The bytes of every token, and which tokens are special.</summary>
internal sealed class TokenTexts
{
    // Not an array: a damaged file may name a huge id.
    private readonly Dictionary<int, byte[]> _bytes;
    private readonly HashSet<int> _special;

    /// <param name="vocabulary">Tokens to ids.</param>
    /// <param name="bytesOf">The bytes that a token of the vocabulary stands for.</param>
    /// <param name="added">Added tokens; they win where an id is in both.</param>
    public TokenTexts(Dictionary<string, int> vocabulary, Func<string, byte[]> bytesOf, IReadOnlyCollection<AddedToken> added)
    {
        _bytes = new Dictionary<int, byte[]>(vocabulary.Count + added.Count);
        foreach ((string token, int id) in vocabulary) _bytes[id] = bytesOf(token);
        foreach (AddedToken token in added) _bytes[token.Id] = Encoding.UTF8.GetBytes(token.Content);
        _special = [.. added.Where(t => t.Special).Select(t => t.Id)];
        Count = 1 + _bytes.Keys.DefaultIfEmpty(-1).Max();
    }

    /// <summary>One more than the highest id.</summary>
    public int Count { get; }

    /// <summary>Bytes of a token; empty for an id without text and for a special token that is not kept.</summary>
    public ReadOnlySpan<byte> Bytes(int id, bool keepSpecial) =>
        _bytes.TryGetValue(id, out byte[]? bytes) && (keepSpecial || !_special.Contains(id)) ? bytes : [];
}
