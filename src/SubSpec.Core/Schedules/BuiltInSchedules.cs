using System.Collections.Immutable;

namespace SubSpec.Core.Schedules;

/// <summary>The schedules that come with the program.</summary>
internal static class BuiltInSchedules
{
    private static readonly ScheduleParameter PromptShare =
        new("prompt-share", 0.25, 0, 1, "share of a pass's rows kept for prompts while some wait") { IsWhole = false };

    // A step that outlasts the wait delays the pass by that one step at most, so nothing is won by fewer unless steps are long.
    private static readonly ScheduleParameter Steps = new("steps", 64, 1, 512, "most draft steps while the pass waits for one layer");

    public static ImmutableArray<IScheduleFactory> All { get; } =
    [
        new Factory("sequential", [], (settings, _) => SerialSchedule.Sequential(settings)),
        new Factory("prefetch", [], (settings, _) => SerialSchedule.Prefetch(settings)),
        new Factory("draft-ahead", [PromptShare, Steps], (settings, values) =>
            AheadSchedule.DraftAhead(settings, values[PromptShare.Name], (int)values[Steps.Name])),
        new Factory("shared", [PromptShare], (settings, values) => GroupedSchedule.Shared(settings, values[PromptShare.Name])),
        new Factory("interleave", [PromptShare, Steps], (settings, values) =>
            GroupedSchedule.Interleave(settings, values[PromptShare.Name], (int)values[Steps.Name])),
        // Its prices end trees sooner; these are only the bounds.
        new Factory("adaptive", [PromptShare], (settings, values) => AheadSchedule.Adaptive(settings, values[PromptShare.Name]))
        {
            TreeDefaults = new Dictionary<string, double> { [TreeParameters.Depth.Name] = 64 },
        },
    ];

    private sealed record Factory(
        string Name, IReadOnlyList<ScheduleParameter> Parameters, Func<ScheduleSettings, IReadOnlyDictionary<string, double>, ISchedule> Make) : IScheduleFactory
    {
        public IReadOnlyDictionary<string, double> TreeDefaults { get; init; } = ImmutableDictionary<string, double>.Empty;

        public ISchedule Create(ScheduleSettings settings, IReadOnlyDictionary<string, double> parameters) => Make(settings, parameters);
    }
}
