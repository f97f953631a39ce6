namespace SubSpec.Core.Trees;

public sealed partial class TreeGrowth
{
    private int _guesses;
    private int _held;
    private int _owed;
    private int _nextWidth;

    internal DraftPrices Prices => _shape.Prices;

    /// <summary>
    /// The likeliest node of the frontier, and how many guesses there is room for below it: none is as deep as the tree may be, or its last node,
    /// since no step runs such nodes. A tree that is verified takes none.
    /// </summary>
    internal (int Parent, int Most) GuessesRoom
    {
        get
        {
            if (_isFull || _frontierStart == _nodes.Count) return default;
            int best = _frontierStart;
            for (int node = best + 1; node < _nodes.Count; node++)
                if (_nodes[node].Score > _nodes[best].Score) best = node;
            return (best, Math.Max(0, Math.Min(_shape.Depth - 1 - _depths[best], _shape.MaxNodes - 1 - _nodes.Count)));
        }
    }

    /// <summary>
    /// Lets the next step take along what may follow the frontier's likeliest node: a chain of provisional nodes, the last of the frontier. As long as they
    /// are what the draft model offers itself (<see cref="Holds"/>), they become nodes; the rest goes when the step <see cref="Settle">ends</see>.
    /// </summary>
    public void Guess(ReadOnlySpan<int> tokens)
    {
        (int parent, int most) = GuessesRoom;
        if (tokens.Length > most || _guesses > 0) throw new InvalidOperationException($"{tokens.Length} guesses beside {_guesses}, there is room for {most}");
        foreach (int token in tokens)
        {
            _nodes.Add(new TreeNode(token, parent));
            _depths.Add(_depths[parent] + 1);
            parent = _nodes.Count - 1;
        }
        (_guesses, _held) = (tokens.Length, 0);
    }

    /// <summary>
    /// Whether a frontier node is one of the tree, so that its children are to be offered; asked in ascending order. A guess becomes one when the node above it is
    /// and has offered the guessed token, within the shape and at its price.
    /// </summary>
    public bool Holds(int node)
    {
        int first = _nodes.Count - _guesses;
        if (node < first + _held) return true;
        if (node > first + _held) return false;
        int offer = _offered.FindIndex(o => o.Parent == _nodes[node].Parent && o.Token == _nodes[node].Token && o.Rank < _shape.Width);
        if (offer < 0 || _offered[offer].Score < Math.Max(_shape.Floor, node < _shape.Prices.FreeRows ? 0 : _shape.Prices.Row)) return false;
        _nodes[node] = _offered[offer];
        _offered.RemoveAt(offer);
        Depth = Math.Max(Depth, _depths[node]);
        _held++;
        return true;
    }

    /// <summary>
    /// Removes the guesses that did not hold, before the step ends. The next one may take as many nodes more as the steps would have that were saved: the other choices beside
    /// those that held.
    /// </summary>
    /// <param name="rows">Most rows of the next step.</param>
    public (int Held, int Failed) Settle(int rows)
    {
        _nextWidth = Math.Min(_shape.Width * (1 + _held), rows);
        (int held, int failed) = (_held, _guesses - _held);
        _owed += held * (_shape.Width - 1);
        _nodes.RemoveRange(_nodes.Count - failed, failed);
        _depths.RemoveRange(_depths.Count - failed, failed);
        (_guesses, _held) = (0, 0);
        return (held, failed);
    }

    // The steps that guesses have saved would have brought other choices too: they come as leaves. A tree that looks ahead is filled with such anyway.
    private void AddLeavesForGuesses()
    {
        if (_looksAhead) return;
        int room = Math.Min(_owed, _shape.MaxNodes - _nodes.Count);
        Add(Best(_offered.Where(o => o.Rank < _shape.Width && _depths[o.Parent] < _shape.Depth), room, price: 0));
    }
}
