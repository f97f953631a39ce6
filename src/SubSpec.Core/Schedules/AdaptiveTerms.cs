using SubSpec.Core.Engine;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Schedules;

/// <summary>
/// The terms that maximise tokens a second. A round brings the scores of its nodes and takes seconds; the quotient is greatest where every
/// step and every row brings more than its seconds are worth at the rate of now (Dinkelbach's rule for fractional programs). So depth,
/// width and early stops follow from three measured times and the running rate, round by round.
/// </summary>
internal static class AdaptiveTerms
{
    // Of a round, before one was measured: a usual tau, and 4-bit weights of which a step reads a quarter of what a row of a pass does.
    private const double UsualTokens = 12, DraftShare = 0.3;

    /// <summary>The terms of a round.</summary>
    /// <param name="costs">What was measured so far; without any, drafting costs nothing.</param>
    /// <param name="sequences">Sequences that draft and are verified together.</param>
    /// <param name="width">Most rows that a step takes of a sequence.</param>
    public static RoundTerms For(RoundCosts costs, int sequences, int width)
    {
        if (!costs.Verify.IsKnown) return RoundTerms.Fixed(1);
        LineFit draft = costs.Draft.IsKnown ? costs.Draft : costs.Draft.Add(new WorkTime(1, DraftShare * costs.Verify.At(1)));
        double rate = Rate(costs, sequences), step = draft.At(sequences * width);

        // The link hides rows whose verification ends before the layers are there, as far as drafting leaves time for them.
        double hidden = costs.StreamSeconds - costs.Verify.At(0) - costs.RoundSeconds;
        var prices = new DraftPrices(
            Step: rate * draft.At(0),
            StepRow: rate * draft.Slope,
            Row: rate * costs.Verify.Slope,
            FreeRows: (int)(Math.Clamp(hidden / Math.Max(1e-9, costs.Verify.Slope), 0, short.MaxValue) / sequences));
        return Ahead(costs, step) is { } grants ? new RoundTerms(prices, true, grants) : new RoundTerms(prices, false, StepGrants.None);
    }

    // Tokens a second. What was measured with fewer sequences says too little of more: they share streams and steps.
    private static double Rate(RoundCosts costs, int sequences)
    {
        double usual = sequences * UsualTokens / Math.Max(1e-9, Math.Max(costs.StreamSeconds, costs.Verify.At(2 * sequences * UsualTokens)));
        double measured = costs.TokensPerSecond;
        return measured <= 0 ? usual : Math.Max(measured, Math.Min(usual, measured * sequences / costs.Sequences));
    }

    /// <summary>As many steps as fit into the waits of a pass, evenly; null where hardly any do.</summary>
    private static StepGrants? Ahead(RoundCosts costs, double step)
    {
        if (costs.Layers == 0) return null;
        // The rows of the next pass are not known yet: the last ones stand for them.
        double steps = (costs.StreamSeconds - costs.Verify.Mean) / Math.Max(1e-9, step);
        if (steps < 2) return null;
        if (steps >= costs.Layers) return StepGrants.BeforeEachLayer((int)Math.Min(64, Math.Ceiling(steps / costs.Layers)));
        return new StepGrants(0, [.. Enumerable.Range(0, costs.Layers).Select(l => (int)((l + 1) * steps / costs.Layers) - (int)(l * steps / costs.Layers))]);
    }
}
