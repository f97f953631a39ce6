namespace SubSpec.Core.Trees;

/// <summary>The shape of a draft tree, as data.</summary>
/// <param name="Depth">Most tokens on a path below the root; 0 drafts nothing (plain decoding).</param>
/// <param name="Width">Most nodes of one depth, so rows of one draft step.</param>
/// <param name="Floor">Nodes whose estimated probability of being reached is lower are not drafted.</param>
/// <param name="MaxNodes">Most rows of the tree in the verify pass, the root included.</param>
public sealed record DraftShape(int Depth, int Width, double Floor, int MaxNodes)
{
    public static DraftShape None { get; } = new(0, 1, 0, 1);
}
