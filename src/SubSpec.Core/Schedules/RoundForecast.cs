namespace SubSpec.Core.Schedules;

/// <summary>
/// What rounds would bring with so many sequences, by a simple model: chains of one depth, each token of which holds with the same
/// probability (Leviathan et al. 2023, equation 1). Good for comparing, not for promising.
/// </summary>
internal static class RoundForecast
{
    private const int MaxDepth = 64;

    /// <summary>Tokens a second of all sequences together, at the best depth.</summary>
    /// <param name="draft">Seconds of a draft step by its rows.</param>
    public static double TokensPerSecond(RoundCosts costs, LineFit draft, double sequences) => Depths.Max(depth => At(costs, draft, sequences, depth));

    /// <summary>The depth at which that is greatest.</summary>
    /// <param name="draft">Seconds of a draft step by its rows.</param>
    /// <param name="looksAhead">Whether trees grow on while they are verified: one that is accepted to its end needs no drafting after it.</param>
    public static int BestDepth(RoundCosts costs, LineFit draft, double sequences, bool looksAhead) => Depths.MaxBy(depth =>
        Tokens(costs.TokensPerRound, depth) / CycleSeconds(costs, draft, sequences, depth, looksAhead ? Math.Pow(1 - 1 / costs.TokensPerRound, depth + 1) : 0));

    private static IEnumerable<int> Depths => Enumerable.Range(0, MaxDepth + 1);

    private static double At(RoundCosts costs, LineFit draft, double sequences, int depth) =>
        Tokens(costs.TokensPerRound, depth) * sequences / CycleSeconds(costs, draft, sequences, depth, hits: 0);

    // Of an endless chain perRound tokens: the probability of each follows from that.
    private static double Tokens(double perRound, int depth) => perRound * (1 - Math.Pow(1 - 1 / perRound, depth + 1));

    // The ring is read ahead while trees are drafted, and the rest while they are verified.
    private static double CycleSeconds(RoundCosts costs, LineFit draft, double sequences, int depth, double hits)
    {
        double drafting = (1 - hits) * depth * draft.At(sequences), ahead = Math.Min(drafting, costs.LeadSeconds);
        return Math.Max(1e-9, drafting + Math.Max(costs.Verify.At(sequences * (depth + 1)), costs.StreamSeconds - ahead));
    }
}
