using System.Collections.Immutable;
using SubSpec.Core;
using SubSpec.Core.Schedules;

namespace SubSpec.ExampleSchedule;

/// <summary>
/// <c>shared</c>, but trees are deep only while one sequence drafts: a step of many rows costs more, and in company a stream serves
/// everybody anyway.
/// </summary>
public sealed class DeeperAlone : IScheduleFactory
{
    private const string CrowdDepth = "crowd-depth";

    public string Name => "deeper-alone";

    public IReadOnlyList<ScheduleParameter> Parameters { get; } =
        [new ScheduleParameter(CrowdDepth, Default: 12, Least: 1, Most: 512, "most tokens drafted ahead while several sequences draft")];

    public ISchedule Create(ScheduleSettings settings, IReadOnlyDictionary<string, double> parameters) =>
        new Schedule(Name, ScheduleCatalog.BuiltIn.Create("shared", settings), (int)parameters[CrowdDepth]);

    private sealed class Schedule(string name, ISchedule shared, int crowdDepth) : ISchedule
    {
        public string Name => name;

        public ScheduleState Start(PassId pass, RoundId round) => shared.Start(pass, round);

        public (ScheduleState State, ImmutableArray<ScheduleCommand> Commands) Next(ScheduleState state, ScheduleEvent happened)
        {
            (state, ImmutableArray<ScheduleCommand> commands) = shared.Next(state, happened);
            return (state, [.. commands.Select(Cut)]);
        }

        private ScheduleCommand Cut(ScheduleCommand command) => command is ScheduleCommand.StartDraft { Orders.Length: > 1 } crowd
            ? crowd with { Orders = [.. crowd.Orders.Select(Cut)] }
            : command;

        private DraftOrder Cut(DraftOrder order) => order with { Shape = order.Shape with { Depth = Math.Min(order.Shape.Depth, crowdDepth) } };
    }
}
