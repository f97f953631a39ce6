using SubSpec.Core.Trees;

namespace SubSpec.Cli.Options;

/// <summary>A method under a schedule, and the tree it drafts.</summary>
internal sealed record Decoding(string Method, string Schedule, DraftShape Shape)
{
    public bool Drafts => Shape.Depth > 0;
}
