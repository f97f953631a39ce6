using System.Collections.Immutable;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Schedules;

/// <summary>Schedules by name, with what was asked of their parameters. Immutable: adding and setting give a new catalog.</summary>
public sealed class ScheduleCatalog
{
    /// <summary>The name used when none is given.</summary>
    public const string Default = "adaptive";

    private readonly ImmutableArray<Entry> _entries;

    private ScheduleCatalog(ImmutableArray<Entry> entries) => _entries = entries;

    /// <summary>The schedules that come with the program.</summary>
    public static ScheduleCatalog BuiltIn { get; } = BuiltInSchedules.All.Aggregate(new ScheduleCatalog([]), (catalog, factory) => catalog.Add(factory));

    /// <summary>In the order in which they were added.</summary>
    public ImmutableArray<string> Names => [.. _entries.Select(e => e.Name)];

    /// <summary>The parameters that this schedule has besides <see cref="TreeParameters"/>.</summary>
    public IReadOnlyList<ScheduleParameter> OwnParameters(string name) => Find(name).Factory.Parameters;

    /// <summary>This catalog and one more schedule. Throws <see cref="BadInputException"/> for names that cannot be used.</summary>
    public ScheduleCatalog Add(IScheduleFactory factory)
    {
        string name = factory.Name;
        if (!IsWord(name)) throw new BadInputException($"'{name}' cannot be the name of a schedule: use letters, digits and hyphens");
        if (Names.Contains(name)) throw new BadInputException($"there is a schedule '{name}' already: choose another name");
        ScheduleParameter[] all = [.. TreeParameters.All, .. factory.Parameters];
        foreach (ScheduleParameter parameter in factory.Parameters)
        {
            if (!IsWord(parameter.Name)) throw new BadInputException($"schedule '{name}': '{parameter.Name}' cannot be the name of a parameter: use letters, digits and hyphens");
            if (all.Count(p => p.Name == parameter.Name) > 1) throw new BadInputException($"schedule '{name}' has two parameters '{parameter.Name}': choose another name");
        }
        return new ScheduleCatalog(_entries.Add(new Entry(name, factory, ImmutableDictionary<string, double>.Empty)));
    }

    /// <summary>This catalog with a value for a parameter. Throws <see cref="BadInputException"/> where schedule, parameter or value do not exist.</summary>
    public ScheduleCatalog Set(string schedule, string key, string value)
    {
        Entry entry = Find(schedule);
        ScheduleParameter[] known = [.. TreeParameters.All, .. entry.Factory.Parameters];
        ScheduleParameter parameter = Array.Find(known, p => p.Name == key)
            ?? throw new BadInputException($"schedule '{schedule}' has no setting '{key}': it knows {string.Join(", ", known.Select(p => p.Name))}");
        return new ScheduleCatalog(_entries.Replace(entry, entry with { Values = entry.Values.SetItem(key, parameter.Parse(value)) }));
    }

    /// <summary>Whether the schedule bounds the depth of its trees by itself, unless another depth is asked for.</summary>
    public bool HasOwnDepth(string name) => Find(name).Factory.TreeDefaults.ContainsKey(TreeParameters.Depth.Name);

    /// <summary>The shape that this schedule drafts: what was set for it, else what is asked of all, else its own numbers, else the usual ones.</summary>
    /// <param name="usual">What schedules draft that say nothing else.</param>
    /// <param name="asked">Values by parameter name, for all schedules.</param>
    /// <param name="rows">Rows of a pass: a depth that nobody asked for stays below them and below the tree's nodes. Nodes that nobody speaks of remain 0.</param>
    public DraftShape ShapeOf(string name, DraftShape usual, IReadOnlyDictionary<string, double> asked, int rows)
    {
        Entry entry = Find(name);
        DraftShape shape = new[] { entry.Factory.TreeDefaults, asked, entry.Values }.Aggregate(usual, TreeParameters.Apply);
        if (asked.ContainsKey(TreeParameters.Depth.Name) || entry.Values.ContainsKey(TreeParameters.Depth.Name)) return shape;
        int nodes = shape.MaxNodes == 0 ? rows : Math.Min(rows, shape.MaxNodes);
        return shape with { Depth = Math.Min(shape.Depth, Math.Max(0, nodes - 1)) };
    }

    /// <summary>Throws <see cref="BadInputException"/> for a name that does not exist.</summary>
    public ISchedule Create(string name, ScheduleSettings settings)
    {
        Entry entry = Find(name);
        return entry.Factory.Create(settings, entry.Factory.Parameters.ToDictionary(p => p.Name, p => entry.Values.GetValueOrDefault(p.Name, p.Default)));
    }

    private Entry Find(string name) => _entries.FirstOrDefault(e => e.Name == name)
        ?? throw new BadInputException($"unknown schedule '{name}': use one of {string.Join(", ", Names)}");

    private static bool IsWord(string? name) => !string.IsNullOrEmpty(name) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');

    private sealed record Entry(string Name, IScheduleFactory Factory, ImmutableDictionary<string, double> Values);
}
