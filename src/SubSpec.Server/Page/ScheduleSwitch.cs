using System.Collections.Immutable;
using SubSpec.Core.Trees;
using SubSpec.Server.Http.Loading;

namespace SubSpec.Server.Page;

/// <summary>A schedule that somebody wants.</summary>
internal sealed record ScheduleChoice(string Schedule);

/// <summary>The schedule in force: that of the options until somebody changes it. Safe to call from several threads.</summary>
internal sealed class ScheduleSwitch(HostOptions options)
{
    private volatile string _current = options.Schedule;

    public string Current => _current;

    public ImmutableArray<string> Names { get; } = options.Schedules.Names;

    /// <summary>What to load a model with: it begins with the schedule in force.</summary>
    public HostOptions Apply(HostOptions to)
    {
        string name = _current;
        return to with { Schedule = name, Shape = options.ShapeOf(name) };
    }

    /// <summary>Changes between two rounds; running answers go on. Where no model is loaded, the next one begins with it.</summary>
    /// <exception cref="Core.BadInputException">There is no such schedule; the message lists those there are.</exception>
    public async Task UseAsync(string name, IModelHost model, CancellationToken cancel)
    {
        DraftShape shape = options.ShapeOf(name);
        if (model.Current is { } host) await host.UseScheduleAsync(name, shape, cancel).ConfigureAwait(false);
        _current = name;
    }
}
