namespace SubSpec.Core.Trees;

/// <summary>
/// The free draft below the draft model of one sequence: what followed in prompt and output when the last few tokens were there before. A step takes such guesses
/// along, the draft model's own choices decide which of them stay (<see cref="TreeGrowth.Guess"/>): a cascade, as in CAS-Spec (arXiv 2510.26843).
/// Guesses are run where they pay. Not thread-safe: whoever drafts owns it.
/// </summary>
public sealed class DraftLookup
{
    /// <summary>Most guesses that a step takes along.</summary>
    public const int MostGuesses = 3;

    /// <summary>Of a long prompt, its last tokens are looked in: an index takes memory, and time inside a round.</summary>
    public const int MostPromptTokens = 8192;

    // Of a row of a step, in steps, where nothing was measured: all rows share the weights that it reads.
    private const double UsualRow = 0.25;

    // What a guess has to bring for its price: the other choices that its step would have brought are fewer, too. Where less was asked for, trees two wide have
    // lost as much as the steps saved.
    private const double Odds = 8;

    private readonly NGramIndex _index = new();
    private readonly GuessRate _rate = new();
    private int _skipped;
    private (int Node, int Token, int Length) _looked;

    /// <summary>Tokens of the text so far.</summary>
    public int Count => _skipped + _index.Count;

    /// <summary>Takes over what has been added to the text.</summary>
    /// <param name="text">Prompt and output, the root of the next tree last.</param>
    public void Extend(ReadOnlySpan<int> text)
    {
        if (Count == 0) _skipped = Math.Max(0, text.Length - MostPromptTokens);
        for (int i = Count; i < text.Length; i++) _index.Add(text[i]);
    }

    /// <summary>The text has grown by one token.</summary>
    public void Add(int token) => _index.Add(token);

    /// <summary>Looks below the likeliest node of the next step, and lets the step take along what pays.</summary>
    /// <param name="growth">Of a tree whose root is the text's last token.</param>
    /// <param name="room">Rows that the step has left.</param>
    /// <param name="sequences">How many share the step: each saves its share of one.</param>
    public void Guess(TreeGrowth growth, int room, int sequences)
    {
        _looked = default;
        if (growth.GuessesRoom is not ({ } parent, > 0 and { } most)) return;
        Span<int> path = stackalloc int[growth.DepthOf(parent)], guesses = stackalloc int[MostGuesses];
        for (int node = parent, at = path.Length; at > 0; node = growth[node].Parent) path[--at] = growth[node].Token;
        int length = _index.Find(path, guesses);
        if (length == 0) return;
        _looked = (parent, guesses[0], length);
        growth.Guess(guesses[.._rate.Worth(length, Least(growth.Prices, sequences), Math.Min(Math.Min(most, room), MostGuesses))]);
    }

    /// <summary>Learns from the step, whose children have been offered: what the draft model chose after the node, and how many guesses held.</summary>
    /// <returns>Guesses that did not hold: the nodes from <see cref="TreeGrowth.Count"/> on are free again.</returns>
    /// <param name="rows">Most rows of the next step.</param>
    public int Settle(TreeGrowth growth, int rows)
    {
        (int node, int token, int length) = _looked;
        (int held, int failed) = growth.Settle(rows);
        if (length == 0) return failed;
        if (held + failed == 0) _rate.Learn(length, growth[node].DraftChoice == token);
        for (int i = 0; i < held; i++) _rate.Learn(length, held: true);
        if (failed > 0) _rate.Learn(length, held: false);
        return failed;
    }

    // One that holds saves a step, one that does not costs a row.
    private static double Least(DraftPrices prices, int sequences)
    {
        double row = Odds * sequences * (prices.Step > 0 ? prices.StepRow / prices.Step : UsualRow);
        return row / (row + 1);
    }
}
