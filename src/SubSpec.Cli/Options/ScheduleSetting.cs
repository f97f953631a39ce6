using System.Globalization;
using SubSpec.Core;
using SubSpec.Core.Schedules;
using SubSpec.Core.Trees;

namespace SubSpec.Cli.Options;

/// <summary>One <c>--set schedule.key=value</c>: a setting of one schedule only, stronger than the <c>--draft-…</c> options.</summary>
internal sealed record ScheduleSetting(string Schedule, string Key, double Value)
{
    /// <summary>Keys that every schedule knows.</summary>
    private static readonly string[] Keys = ["depth", "width", "floor", "max-nodes"];

    /// <exception cref="BadInputException">Not of that form, or the schedule knows no such key.</exception>
    public static ScheduleSetting Parse(string text)
    {
        int dot = text.IndexOf('.'), equals = text.IndexOf('=');
        if (dot < 1 || equals < dot + 2 || equals == text.Length - 1)
            throw new BadInputException($"--set '{text}' is not schedule.key=value: write it like {ScheduleCatalog.Default}.depth=24");
        string schedule = text[..dot], key = text[(dot + 1)..equals], value = text[(equals + 1)..];
        CheckSchedule(schedule);
        if (!Keys.Contains(key)) throw new BadInputException($"--set: schedule '{schedule}' has no setting '{key}': it knows {string.Join(", ", Keys)}");
        return new ScheduleSetting(schedule, key, key == "floor" ? DraftOptions.ParseFloor(text, value) : ParseWhole(text, key, value));
    }

    public static void CheckSchedule(string name)
    {
        if (!ScheduleCatalog.Names.Contains(name))
            throw new BadInputException($"unknown schedule '{name}': use one of {string.Join(", ", ScheduleCatalog.Names)}");
    }

    public DraftShape Apply(DraftShape shape) => Key switch
    {
        "depth" => shape with { Depth = (int)Value },
        "width" => shape with { Width = (int)Value },
        "floor" => shape with { Floor = Value },
        _ => shape with { MaxNodes = (int)Value },
    };

    private static int ParseWhole(string text, string key, string value)
    {
        (int least, int most) = key switch
        {
            "depth" => (0, DraftOptions.MostDepth),
            "width" => (1, DraftOptions.MostWidth),
            _ => (1, ModelOptions.MostRows),
        };
        return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
            ? number
            : throw new BadInputException($"--set '{text}' is not valid: give a whole number from {least} to {most}");
    }
}
