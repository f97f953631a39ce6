using SubSpec.Core.Trees;

namespace SubSpec.Core.Schedules;

/// <summary>What every schedule is given.</summary>
/// <param name="Shape">Largest tree of a round; depth 0 decodes plainly.</param>
/// <param name="ChunkRows">Most prompt rows of a pass.</param>
public sealed record ScheduleSettings(DraftShape Shape, int ChunkRows)
{
    /// <summary>Most rows of a pass, trees and prompt chunks of all its sequences together: room for the largest tree and for the largest chunk at least.</summary>
    public int PassRows { get; init; } = Math.Max(Shape.MaxNodes, ChunkRows);

    /// <summary>The shape of a round that may still choose this many tokens: the bonus token is one of them.</summary>
    public DraftShape ShapeFor(int tokensLeft) => Shape with { Depth = Math.Min(Shape.Depth, Math.Max(0, tokensLeft - 1)) };
}
