using System.Collections;

namespace SubSpec.Core.Engine;

/// <summary>Tokens that are only ever added to. What was there stays as it is, so <see cref="Snapshot"/> may be read on other threads while the log grows.</summary>
public sealed class TokenLog(ReadOnlySpan<int> tokens) : IReadOnlyList<int>
{
    private int[] _tokens = tokens.ToArray();

    public int Count { get; private set; } = tokens.Length;

    public int this[int index] => Snapshot.Span[index];

    /// <summary>All tokens of now, not copied.</summary>
    public ReadOnlyMemory<int> Snapshot => _tokens.AsMemory(0, Count);

    public void Add(int token)
    {
        if (Count == _tokens.Length) Array.Resize(ref _tokens, Math.Max(16, 2 * Count));
        _tokens[Count++] = token;
    }

    public IEnumerator<int> GetEnumerator() => Snapshot.ToArray().AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
