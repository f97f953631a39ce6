using System.Collections.Immutable;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Schedules;

/// <summary>The parameters that every schedule has: the draft tree. They come with the engine's draft shape as their defaults.</summary>
public static class TreeParameters
{
    public static ScheduleParameter Depth { get; } = new("depth", 0, 0, 512, "most tokens drafted ahead");

    public static ScheduleParameter Width { get; } = new("width", 1, 1, 64, "most alternatives at one depth");

    public static ScheduleParameter Floor { get; } = new("floor", 0, 0, 0.999, "least probability of what is drafted") { IsWhole = false };

    public static ScheduleParameter MaxNodes { get; } = new("max-nodes", 2, 2, 4096, "most rows of a tree, its root included: depth 0 decodes plainly");

    public static ImmutableArray<ScheduleParameter> All { get; } = [Depth, Width, Floor, MaxNodes];

    /// <summary>The shape with what is in <paramref name="values"/> in place of its own numbers.</summary>
    public static DraftShape Apply(DraftShape shape, IReadOnlyDictionary<string, double> values) => new(
        (int)values.GetValueOrDefault(Depth.Name, shape.Depth),
        (int)values.GetValueOrDefault(Width.Name, shape.Width),
        values.GetValueOrDefault(Floor.Name, shape.Floor),
        (int)values.GetValueOrDefault(MaxNodes.Name, shape.MaxNodes));
}
