namespace SubSpec.Text.Vocabulary;

/// <summary>The symbols of a piece while they are merged: a linked list in arrays, each symbol known by where it began.</summary>
internal sealed class SymbolList
{
    private const int None = -1;
    private readonly int[] _previous;
    private readonly int[] _next;

    /// <param name="ids">The ids of the first symbols; the list changes them.</param>
    public SymbolList(int[] ids)
    {
        Ids = ids;
        _previous = [.. Enumerable.Range(-1, ids.Length)];
        _next = [.. Enumerable.Range(1, ids.Length)];
        if (ids.Length > 0) _next[^1] = None;
    }

    /// <summary>Token id by place; <c>-1</c> where the symbol was joined to the one before it.</summary>
    public int[] Ids { get; }

    /// <summary>The place of the symbol before, or -1.</summary>
    public int Before(int at) => _previous[at];

    /// <summary>The ids at a place and after it; a pair that no merge knows where either is missing.</summary>
    public (int Left, int Right) PairAt(int at) => at == None || _next[at] == None ? (None, None) : (Ids[at], Ids[_next[at]]);

    public void JoinWithNext(int at, int id)
    {
        int gone = _next[at], after = _next[gone];
        Ids[at] = id;
        Ids[gone] = None;
        _next[at] = after;
        _next[gone] = None;
        if (after != None) _previous[after] = at;
    }

    public void AppendTo(List<int> ids)
    {
        for (int at = 0; at != None && at < Ids.Length; at = _next[at]) ids.Add(Ids[at]);
    }
}
