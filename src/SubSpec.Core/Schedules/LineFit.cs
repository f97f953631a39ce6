namespace SubSpec.Core.Schedules;

/// <summary>
/// A running estimate of seconds by rows: a straight line through measurements that fade. Immutable. Where the rows never change, the line
/// has the slope of <see cref="PriorShare"/>: a tenth of the mean for each row, as of products that wait for memory.
/// </summary>
/// <param name="Weight">Sum of the measurements' weights; 0 before the first.</param>
internal readonly record struct LineFit(double Weight, double Rows, double Seconds, double RowsSquared, double RowsSeconds)
{
    private const double Fade = 0.98, PriorShare = 0.1, PriorWeight = 0.05;

    public bool IsKnown => Weight > 0;

    /// <summary>Seconds that one more row adds, 0 or more.</summary>
    public double Slope
    {
        get
        {
            if (!IsKnown) return 0;
            double meanRows = Rows / Weight, mean = Seconds / Weight, prior = PriorShare * mean / Math.Max(1, meanRows);
            double variance = Math.Max(0, RowsSquared / Weight - meanRows * meanRows), covariance = RowsSeconds / Weight - meanRows * mean;
            // Never below the origin: a work of no rows does not take less than no time.
            return Math.Clamp((covariance + PriorWeight * prior) / (variance + PriorWeight), 0, mean / Math.Max(1, meanRows));
        }
    }

    public LineFit Add(WorkTime work) => new(
        Weight * Fade + 1,
        Rows * Fade + work.Rows,
        Seconds * Fade + work.Seconds,
        RowsSquared * Fade + (double)work.Rows * work.Rows,
        RowsSeconds * Fade + work.Rows * work.Seconds);

    /// <summary>Seconds that so many rows take; 0 while nothing is known.</summary>
    public double At(double rows) => IsKnown ? Math.Max(0, Seconds / Weight + Slope * (rows - Rows / Weight)) : 0;
}
