namespace SubSpec.Actors.Engines;

/// <summary>Draft work of the compute thread.</summary>
/// <param name="Steps">Calls of the draft model.</param>
/// <param name="Rows">Rows of them.</param>
/// <param name="Seconds">Compute time, that of beginning and ending rounds included.</param>
/// <param name="OverlapSeconds">Of it, while the link was busy.</param>
internal readonly record struct DraftWork(int Steps, long Rows, double Seconds, double OverlapSeconds)
{
    public static DraftWork operator +(in DraftWork a, in DraftWork b) =>
        new(a.Steps + b.Steps, a.Rows + b.Rows, a.Seconds + b.Seconds, a.OverlapSeconds + b.OverlapSeconds);
}
