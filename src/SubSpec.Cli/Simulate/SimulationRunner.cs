using System.Collections.Immutable;
using SubSpec.Cli.Options;
using SubSpec.Core;
using SubSpec.Core.Planning;
using SubSpec.Core.Schedules;
using SubSpec.Core.Simulation;
using SubSpec.Core.Trees;
using SubSpec.Server;

namespace SubSpec.Cli.Simulate;

/// <summary>Simulates every combination of what is compared. Each link gets a plan of its own: where layers go depends on what streaming costs.</summary>
internal sealed class SimulationRunner(SimulateSettings settings, HostOptions options, IInferenceHostFactory hosts)
{
    /// <summary>Share of a machine's fast memory that a plan may use where no budget is given: other programs, and the runtime, need some.</summary>
    private const double UsualBudgetShare = 0.9;

    private readonly ImmutableArray<SimulatedAnswer> _answers = settings.ToGenerate();

    /// <summary>The plan of the machine's own link.</summary>
    public MemoryPlan Plan() => Plan(settings.Hardware);

    public ImmutableArray<SimulationRow> Run(IReadOnlyList<Decoding> decodings, CancellationToken cancel)
    {
        var rows = ImmutableArray.CreateBuilder<SimulationRow>();
        foreach (double? link in settings.LinkBandwidths)
        {
            HardwareProfile hardware = settings.Hardware with { LinkBandwidth = link ?? settings.Hardware.LinkBandwidth };
            MemoryPlan plan = Plan(hardware);
            var costs = new SimulatedCosts(hardware, SimulatedModel.Of(plan));
            foreach (int sessions in settings.Sessions)
            {
                var plain = new Dictionary<string, double>();
                foreach (Decoding decoding in decodings)
                {
                    cancel.ThrowIfCancellationRequested();
                    // A whole stream for every token: one group of answers tells as much as many.
                    if (!plain.TryGetValue(decoding.Schedule, out double baseline))
                        plain.Add(decoding.Schedule, baseline = Simulate(decoding.Schedule, DraftShape.None, costs, sessions, [.. _answers.Take(sessions)]).TokensPerSecond);
                    SimulationResult result = Simulate(decoding.Schedule, decoding.Shape, costs, sessions, _answers);
                    rows.Add(new SimulationRow(decoding.Schedule, sessions, decoding.Shape, hardware.LinkBandwidth, plan, result, baseline));
                }
            }
        }
        return rows.ToImmutable();
    }

    private SimulationResult Simulate(string schedule, DraftShape shape, SimulatedCosts costs, int sessions, ImmutableArray<SimulatedAnswer> answers) => Simulator.Run(
        new SimulationSetup(options.Schedules.Create(schedule, options.SettingsFor(shape)), shape, costs, settings.Acceptance, settings.Seed, sessions, answers));

    private MemoryPlan Plan(HardwareProfile hardware)
    {
        // The demo is planned as it is run: with every layer offloaded.
        long? budget = options.MemoryBudget ?? (options.IsDemo ? null : (long)(hardware.FastMemoryBytes * UsualBudgetShare));
        MemoryPlan plan = hosts.Plan(options with { MemoryBudget = budget }, hardware.PlanningCosts(options.LargestShape.MaxNodes, options.LargestShape.Depth)).Plan;
        return plan.BudgetBytes <= hardware.FastMemoryBytes
            ? plan
            : throw new BadInputException($"the plan takes {ByteSize.Format(plan.BudgetBytes)}, {hardware.Name} has {ByteSize.Format((long)hardware.FastMemoryBytes)}: give less --memory-budget");
    }
}
