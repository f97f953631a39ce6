using System.Collections.Immutable;

namespace SubSpec.Cli.Simulate;

/// <summary>The fastest combination at one link and number of sessions.</summary>
/// <param name="Next">The fastest one of any other schedule; null where there is none.</param>
internal sealed record SimulationWinner(SimulationRow Best, SimulationRow? Next)
{
    /// <summary>How much faster the winner is; null without another schedule.</summary>
    public double? Lead => Next is { Result.TokensPerSecond: > 0 } ? Best.Result.TokensPerSecond / Next.Result.TokensPerSecond - 1 : null;

    /// <summary>One for each link and number of sessions, in the order of rows.</summary>
    public static ImmutableArray<SimulationWinner> Of(IEnumerable<SimulationRow> rows) =>
    [
        .. from place in rows.GroupBy(row => (row.LinkBandwidth, row.Sessions))
           let order = place.OrderByDescending(row => row.Result.TokensPerSecond).ToArray()
           select new SimulationWinner(order[0], order.FirstOrDefault(row => row.Schedule != order[0].Schedule)),
    ];
}
