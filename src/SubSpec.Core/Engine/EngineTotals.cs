namespace SubSpec.Core.Engine;

/// <summary>Running totals of an engine since it started; a run's statistics are the difference of two.</summary>
/// <param name="BytesStreamed">Payload of offloaded layers that passes have consumed, exact.</param>
/// <param name="BytesRead">Everything the link has read, alignment hulls and unused read-ahead included.</param>
/// <param name="StreamSeconds">Time during which the link was busy.</param>
/// <param name="VerifySeconds">Compute of target passes.</param>
/// <param name="DraftSeconds">Compute of draft steps.</param>
/// <param name="StallSeconds">Open passes waiting for a layer with nothing to compute.</param>
/// <param name="OverlapSeconds">Draft seconds while the link was busy.</param>
/// <param name="Dropped">Messages of rounds, passes or epochs that were over: dropped before they touched memory.</param>
public sealed record EngineTotals(
    long Passes = 0,
    long Rounds = 0,
    long DraftSteps = 0,
    long VerifiedRows = 0,
    long LayersConsumed = 0,
    long BytesStreamed = 0,
    long BytesRead = 0,
    double StreamSeconds = 0,
    double VerifySeconds = 0,
    double DraftSeconds = 0,
    double StallSeconds = 0,
    double OverlapSeconds = 0,
    long Dropped = 0,
    int Rebuilds = 0)
{
    public static EngineTotals operator -(EngineTotals after, EngineTotals before) => new(
        after.Passes - before.Passes,
        after.Rounds - before.Rounds,
        after.DraftSteps - before.DraftSteps,
        after.VerifiedRows - before.VerifiedRows,
        after.LayersConsumed - before.LayersConsumed,
        after.BytesStreamed - before.BytesStreamed,
        after.BytesRead - before.BytesRead,
        after.StreamSeconds - before.StreamSeconds,
        after.VerifySeconds - before.VerifySeconds,
        after.DraftSeconds - before.DraftSeconds,
        after.StallSeconds - before.StallSeconds,
        after.OverlapSeconds - before.OverlapSeconds,
        after.Dropped - before.Dropped,
        after.Rebuilds - before.Rebuilds);
}
