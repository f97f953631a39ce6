using System.Collections.Immutable;

namespace SubSpec.Core.Schedules;

/// <summary>
/// Makes a schedule of one kind. A public class with a parameterless constructor that implements this in an assembly of your own is
/// what <c>--schedule-assembly</c> looks for.
/// </summary>
public interface IScheduleFactory
{
    /// <summary>The name that <c>--schedule</c> takes: letters, digits and hyphens.</summary>
    string Name { get; }

    /// <summary>What <c>--set NAME.key=value</c> can change, besides the draft tree (<see cref="TreeParameters"/>), which every schedule has.</summary>
    IReadOnlyList<ScheduleParameter> Parameters { get; }

    /// <summary>Numbers of the draft tree (<see cref="TreeParameters"/>, by name) that it has where nobody asks for others; absent ones are the same for all schedules.</summary>
    IReadOnlyDictionary<string, double> TreeDefaults => ImmutableDictionary<string, double>.Empty;

    /// <summary>A new schedule.</summary>
    /// <param name="parameters">A value for every one of <see cref="Parameters"/>, within its range.</param>
    ISchedule Create(ScheduleSettings settings, IReadOnlyDictionary<string, double> parameters);
}
