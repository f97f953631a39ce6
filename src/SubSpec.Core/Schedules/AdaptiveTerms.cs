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
    /// <summary>The terms of a round.</summary>
    /// <param name="costs">What was measured so far; prices are 0 until it is enough.</param>
    /// <param name="sequences">Sequences that draft and are verified together.</param>
    /// <param name="width">Most rows that a step takes of a sequence.</param>
    public static RoundTerms For(RoundCosts costs, int sequences, int width)
    {
        double rate = costs.TokensPerSecond, step = costs.Draft.At(sequences * width);
        if (rate <= 0 || step <= 0) return RoundTerms.Fixed(1);

        // The link hides rows whose verification ends before the layers are there.
        double hidden = costs.StreamSeconds - costs.Verify.At(0);
        double free = costs.Verify.Slope > 0 ? Math.Clamp(hidden / costs.Verify.Slope, 0, short.MaxValue) : hidden > 0 ? short.MaxValue : 0;
        var prices = new DraftPrices(
            Step: rate * step / sequences,
            Row: rate * (costs.Verify.Slope + costs.Draft.Slope),
            FreeRows: (int)(free / sequences));
        return Ahead(costs, step) is { } grants ? new RoundTerms(prices, true, grants) : new RoundTerms(prices, false, StepGrants.None);
    }

    /// <summary>As many steps as fit into the waits of a pass, evenly; null where hardly any do.</summary>
    private static StepGrants? Ahead(RoundCosts costs, double step)
    {
        if (costs.Layers == 0) return null;
        // Rows are chosen before this is known, so the last passes stand for the next.
        double idle = costs.StreamSeconds - costs.Verify.Seconds / costs.Verify.Weight, steps = idle / step;
        if (steps < 2) return null;
        if (steps >= costs.Layers) return StepGrants.BeforeEachLayer((int)Math.Ceiling(steps / costs.Layers));
        return new StepGrants(0, [.. Enumerable.Range(0, costs.Layers).Select(l => (int)((l + 1) * steps / costs.Layers) - (int)(l * steps / costs.Layers))]);
    }
}
