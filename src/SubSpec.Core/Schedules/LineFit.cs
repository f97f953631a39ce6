namespace SubSpec.Core.Schedules;

/// <summary>
/// A running estimate of seconds by rows: a straight line through measurements that fade. Immutable. Where the rows never change, its
/// slope is the prior one. Code that runs for the first time is compiled first, and machines have other things to do: what takes many times
/// longer than usual counts little, and what turns out to be many times faster shows that all before it was no measure.
/// </summary>
/// <param name="PriorShare">The prior: what rows add, as a share of the mean. Near 0 where work waits for memory, near 1 where it computes.</param>
internal readonly record struct LineFit(double PriorShare)
{
    private const double Fade = 0.98, PriorWeight = 0.05, Unusual = 3;

    private double Weight { get; init; }

    private double Rows { get; init; }

    private double Seconds { get; init; }

    private double RowsSquared { get; init; }

    private double RowsSeconds { get; init; }

    public bool IsKnown => Weight > 0;

    /// <summary>Mean seconds of the measurements; 0 before the first.</summary>
    public double Mean => IsKnown ? Seconds / Weight : 0;

    /// <summary>Seconds that one more row adds, 0 or more.</summary>
    public double Slope
    {
        get
        {
            if (!IsKnown) return 0;
            // Never below the origin: a work of no rows does not take less than no time.
            double meanRows = Rows / Weight, most = Mean / Math.Max(1, meanRows), prior = PriorShare * most;
            double variance = Math.Max(0, RowsSquared / Weight - meanRows * meanRows), covariance = RowsSeconds / Weight - meanRows * Mean;
            return Math.Clamp((covariance + PriorWeight * prior) / (variance + PriorWeight), 0, most);
        }
    }

    public LineFit Add(WorkTime work)
    {
        double usual = At(work.Rows);
        if (work.Seconds * Unusual < usual) return new LineFit(PriorShare).With(work);
        return With(usual > 0 && work.Seconds > Unusual * usual ? work with { Seconds = Unusual * usual } : work);
    }

    /// <summary>Seconds that so many rows take; 0 while nothing is known.</summary>
    public double At(double rows) => IsKnown ? Math.Max(0, Mean + Slope * (rows - Rows / Weight)) : 0;

    private LineFit With(WorkTime work) => this with
    {
        Weight = Weight * Fade + 1,
        Rows = Rows * Fade + work.Rows,
        Seconds = Seconds * Fade + work.Seconds,
        RowsSquared = RowsSquared * Fade + (double)work.Rows * work.Rows,
        RowsSeconds = RowsSeconds * Fade + work.Rows * work.Seconds,
    };
}
