using SubSpec.Core.Trees;

namespace SubSpec.Server;

/// <summary>The draft tree where the user asks for nothing else. The one place for these numbers.</summary>
public static class DraftDefaults
{
    public const int Depth = 32;

    public const int Width = 2;

    public const double Floor = 0.05;

    /// <summary>Most rows of a tree, the root included, unless a deeper chain was asked for.</summary>
    public const int MaxNodes = 64;

    public static DraftShape Shape { get; } = new(Depth, Width, Floor, MaxNodes);
}
