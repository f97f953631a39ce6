namespace SubSpec.Core.Trees;

/// <summary>
/// A running estimate of P(the child of this rank is the target's choice | gap between the draft's two best perturbed values):
/// what tree growth multiplies along a path. Counts in margin bins with a prior that a few dozen rounds outweigh; old rounds fade.
/// </summary>
public sealed class AcceptanceCalibration
{
    private const int Bins = 16, Ranks = 8;
    private const double PriorWeight = 4, Fade = 0.999;

    private readonly double[,] _hits = new double[Ranks, Bins];
    private readonly double[,] _trials = new double[Ranks, Bins];

    public AcceptanceCalibration()
    {
        for (int bin = 0; bin < Bins; bin++)
        {
            // A low-bit draft whose best two are far apart is nearly always right; at a tie it is a coin toss.
            double first = 1 - 0.5 * Math.Exp(-2 * Middle(bin));
            for (int rank = 0; rank < Ranks; rank++)
            {
                // The other ranks share what the first leaves: their geometric series sums to 1.
                _trials[rank, bin] = PriorWeight;
                _hits[rank, bin] = PriorWeight * (rank == 0 ? first : (1 - first) * 0.7 * Math.Pow(0.3, rank - 1));
            }
        }
    }

    /// <summary>The estimate for a child.</summary>
    /// <param name="rank">0 for the draft's own choice.</param>
    /// <param name="margin">Gap of the two best perturbed values, 0 or more.</param>
    public double Probability(int rank, double margin)
    {
        int r = Math.Min(rank, Ranks - 1), bin = BinOf(margin);
        return _hits[r, bin] / _trials[r, bin];
    }

    /// <summary>Learns from a node that the acceptance walk has visited: whether the child of this rank was the target's choice.</summary>
    public void Observe(int rank, double margin, bool chosen)
    {
        int r = Math.Min(rank, Ranks - 1), bin = BinOf(margin);
        _hits[r, bin] = _hits[r, bin] * Fade + (chosen ? 1 : 0);
        _trials[r, bin] = _trials[r, bin] * Fade + 1;
    }

    // Bins of equal width in log(1 + 4 margin): fine near ties, coarse where nothing changes any more.
    private static int BinOf(double margin) => double.IsNaN(margin) ? 0 : (int)Math.Clamp(Math.Log(1 + 4 * Math.Max(0, margin)) * 4, 0, Bins - 1);

    private static double Middle(int bin) => (Math.Exp((bin + 0.5) / 4) - 1) / 4;
}
