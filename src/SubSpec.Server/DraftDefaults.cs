using SubSpec.Core.Schedules;
using SubSpec.Core.Trees;

namespace SubSpec.Server;

/// <summary>The draft tree where the user asks for nothing else. The one place for these numbers.</summary>
public static class DraftDefaults
{
    public const int Depth = 32;

    public const int Width = 2;

    public const double Floor = 0.05;

    public static DraftShape Shape { get; } = new(Depth, Width, Floor, Nodes(Depth, Width));

    /// <summary>What a schedule drafts in passes of so many rows, with as many nodes as it can use where nobody speaks of them.</summary>
    /// <param name="asked">Of all schedules, by the names of <see cref="TreeParameters"/>.</param>
    /// <exception cref="Core.BadInputException">There is no such schedule; the message lists those there are.</exception>
    public static DraftShape ShapeOf(ScheduleCatalog catalog, string schedule, IReadOnlyDictionary<string, double> asked, int rows)
    {
        DraftShape shape = catalog.ShapeOf(schedule, Shape with { MaxNodes = 0 }, asked, rows);
        return shape.MaxNodes > 0 ? shape : shape with { MaxNodes = Math.Min(rows, Nodes(shape.Depth, shape.Width)) };
    }

    /// <summary>Rows of a tree that has its whole width at every depth, the root included.</summary>
    public static int Nodes(int depth, int width) => 1 + depth * width;
}
