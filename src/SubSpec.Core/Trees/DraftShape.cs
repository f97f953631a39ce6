namespace SubSpec.Core.Trees;

/// <summary>The shape of a draft tree, as data.</summary>
/// <param name="Depth">Most tokens on a path below the root; 0 drafts nothing (plain decoding).</param>
/// <param name="Width">Most nodes that a draft step adds, so rows of the next step.</param>
/// <param name="Floor">Nodes whose estimated probability of being reached is lower are not drafted.</param>
/// <param name="MaxNodes">Most rows of the tree in the verify pass, the root included.</param>
public sealed record DraftShape(int Depth, int Width, double Floor, int MaxNodes)
{
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
/// <param name="Step">Of a draft step: when the nodes that it would take score less together, the tree is done.</param>
/// <param name="Row">Of a row beyond the free ones.</param>
/// <param name="FreeRows">Rows of the tree that cost the pass nothing: the link takes longer than they do.</param>
public readonly record struct DraftPrices(double Step, double Row, int FreeRows);
