using SubSpec.Core.Engine;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Schedules;

/// <summary>
/// The terms that maximise tokens a second. A round brings the scores of its nodes and takes seconds; the quotient is greatest where every
/// step and every row brings more than its seconds are worth at the rate of now (Dinkelbach's rule for fractional programs), and no tree is deeper than
/// a chain would best be. So depth, width and early stops follow from three measured times and the running rate, round by round.
/// </summary>
internal static class AdaptiveTerms
{
    // Before a step was measured: 4-bit weights, of which it reads a quarter of what a row of a pass does.
    private const double DraftShare = 0.3;

    // Who never drafts never learns that it pays by now.
    private const int LeastDepth = 2;

    /// <summary>The terms of a round.</summary>
    /// <param name="costs">What was measured so far; without any, drafting costs nothing.</param>
    /// <param name="sequences">Sequences that draft and are verified together.</param>
    /// <param name="width">Most rows that a step takes of a sequence.</param>
    public static RoundTerms For(RoundCosts costs, int sequences, int width)
    {
        if (!costs.Verify.IsKnown) return RoundTerms.Fixed(1, width);
        LineFit draft = costs.Draft.IsKnown ? costs.Draft : costs.Draft.Add(new WorkTime(1, DraftShare * costs.Verify.At(1)));
        double rate = Rate(costs, draft, sequences);
        int aheadWidth = Math.Max(Math.Max(2, width), DraftShape.AheadRows / sequences);
        StepGrants? ahead = Ahead(costs, draft.At(sequences * Math.Max(2, width)));

        // The link hides rows whose verification ends before the layers are there: what drafting leaves of it, or all that the ring cannot be ahead.
        double drafting = ahead is null ? Math.Min(costs.RoundSeconds, costs.LeadSeconds) : costs.RoundSeconds;
        double hidden = Math.Max(0, costs.StreamSeconds - costs.Verify.At(0) - drafting);
        var prices = new DraftPrices(
            Step: rate * draft.At(0),
            StepRow: rate * draft.Slope,
            Row: rate * costs.Verify.Slope,
            FreeRows: (int)Math.Min(short.MaxValue, hidden / Math.Max(1e-9, costs.Verify.Slope) / sequences));
        return new RoundTerms(prices, Depth(costs, draft, sequences, ahead is not null), ahead is not null, ahead ?? StepGrants.None, aheadWidth);
    }

    // A prompt alone says little about trees, the less when its code was compiled meanwhile: until one was verified they are as deep as the shape allows.
    private static int Depth(RoundCosts costs, LineFit draft, int sequences, bool looksAhead) =>
        costs.Sequences > 0 ? Math.Max(LeastDepth, RoundForecast.BestDepth(costs, draft, sequences, looksAhead)) : int.MaxValue;

    // What was measured with more or fewer sequences is no measure of these: the forecasts say how they compare.
    private static double Rate(RoundCosts costs, LineFit draft, int sequences)
    {
        double forecast = RoundForecast.TokensPerSecond(costs, draft, sequences);
        return costs.TokensPerSecond > 0 ? forecast * costs.TokensPerSecond / RoundForecast.TokensPerSecond(costs, draft, costs.Sequences) : forecast;
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
