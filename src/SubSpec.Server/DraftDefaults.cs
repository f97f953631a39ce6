using SubSpec.Core.Trees;

namespace SubSpec.Server;

/// <summary>The draft tree where the user asks for nothing else. The one place for these numbers.</summary>
public static class DraftDefaults
{
    public const int Depth = 32;

    public const int Width = 2;

    public const double Floor = 0.05;

    public static DraftShape Shape { get; } = new(Depth, Width, Floor, Nodes(Depth, Width));

    /// <summary>Rows of a tree that has its whole width at every depth, the root included.</summary>
    public static int Nodes(int depth, int width) => 1 + depth * width;
}
