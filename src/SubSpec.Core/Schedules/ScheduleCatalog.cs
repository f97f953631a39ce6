namespace SubSpec.Core.Schedules;

/// <summary>The schedules that come with the program, by name.</summary>
public static class ScheduleCatalog
{
    private static readonly Dictionary<string, Func<ScheduleSettings, ISchedule>> Known = new(StringComparer.Ordinal)
    {
        ["sequential"] = SerialSchedule.Sequential,
        ["prefetch"] = SerialSchedule.Prefetch,
    };

    /// <summary>The name used when none is given.</summary>
    public const string Default = "prefetch";

    public static IReadOnlyCollection<string> Names => Known.Keys;

    /// <summary>Throws <see cref="BadInputException"/> for a name that does not exist.</summary>
    public static ISchedule Create(string name, ScheduleSettings settings) =>
        Known.TryGetValue(name, out Func<ScheduleSettings, ISchedule>? create)
            ? create(settings)
            : throw new BadInputException($"unknown schedule '{name}': use one of {string.Join(", ", Names)}");
}
