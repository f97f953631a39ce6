namespace SubSpec.Core.Trees;

/// <summary>The shape of a draft tree, as data.</summary>
/// <param name="Depth">Most tokens on a path below the root; 0 drafts nothing (plain decoding).</param>
/// <param name="Width">Most nodes that a draft step adds, so rows of the next step.</param>
/// <param name="Floor">Nodes whose estimated probability of being reached is lower are not drafted.</param>
/// <param name="MaxNodes">Most rows of the tree in the verify pass, the root included.</param>
public sealed record DraftShape(int Depth, int Width, double Floor, int MaxNodes)
{
    /// <summary>
    /// Rows of a step that looks ahead, where one sequence has it to itself: the weights are read once for all of them, and endings that are
    /// drafted side by side are each deep enough to go on with.
    /// </summary>
    public const int AheadRows = 4;

    /// <summary>Nodes that are drafted below a tree that is verified, if there is room: a pass over a slow link has time for many steps.</summary>
    public const int AheadNodes = 256;

    /// <summary>KV rows that a sequence needs beside its tokens: for the tree that is verified, and for what is drafted below it meanwhile.</summary>
    /// <param name="sequences">How many draft at once.</param>
    public int KvRows(int sequences) => MaxNodes + Math.Max(MaxNodes, AheadNodes / sequences);

    public static DraftShape None { get; } = new(0, 1, 0, 1);

    /// <summary>What is not worth its price is not drafted.</summary>
    public DraftPrices Prices { get; init; }

    /// <summary>Most nodes that a step adds below what is being verified: the wait for the link is free, and many endings are possible.</summary>
    public int AheadWidth { get; init; } = Math.Max(2, Width);
}

/// <summary>
/// What drafting and verifying cost, in tokens: the seconds that they add to a round times the tokens that a second is worth. A node's
/// score is the tokens that it is expected to bring, so what scores less than its price makes the round slower than it is now.
/// </summary>
/// <param name="Step">Of a draft step, whatever is in it: all sequences of a round pay it together, and their trees are done when they cannot.</param>
/// <param name="StepRow">Of each node that a step takes.</param>
/// <param name="Row">Of each row of a tree in the pass, beyond the free ones.</param>
/// <param name="FreeRows">Rows of a tree that cost the pass nothing: the link takes longer than they do.</param>
public readonly record struct DraftPrices(double Step, double StepRow, double Row, int FreeRows);
