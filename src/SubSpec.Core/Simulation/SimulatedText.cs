using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Simulation;

/// <summary>
/// A text as the draft meets it: at each position the gap between its two best choices, and which of its choices is the target's.
/// A pure function of seed, text and position, so every schedule meets the same texts.
/// <para>
/// Assumed: the gap is exponential, the first choice is right with 1 - exp(-2 gap) / 2, and what is left goes to the other ranks
/// in a geometric series (0.7, 0.21, 0.063, ...). The last two are the prior of <see cref="AcceptanceCalibration"/>, so a tree's
/// scores are right on average; the mean gap follows from the probability of a first choice. What a recorded answer shows takes the
/// place of what is drawn.
/// </para>
/// </summary>
internal sealed class SimulatedText(ulong seed, int text, double firstChoice, RecordedText? recorded = null)
{
    private const double SecondShare = 0.7, RankRatio = 0.3;
    private const int LastRank = 63;

    // E[exp(-2 gap)] = 1 / (1 + 2 mean). A draft that is worse than a coin toss has no gaps at all.
    private readonly double _meanGap = Math.Max(0, (0.5 / Math.Max(1e-9, 1 - firstChoice) - 1) / 2);

    /// <summary>The gap at a position of the text, in units of logits.</summary>
    public double Gap(int position)
    {
        RecordedChoice known = Known(position);
        // Where the first choice is wrong, gaps are distributed as exp(-gap / mean) exp(-2 gap).
        double mean = known is { Rank: null, LeastRank: > 0 } ? _meanGap / (1 + 2 * _meanGap) : _meanGap;
        return known.Gap ?? -mean * Math.Log(Uniform(position, 0));
    }

    /// <summary>The gap at a position beside the text: after a token that the target did not choose.</summary>
    /// <param name="node">Tells apart what stands at the same position.</param>
    public double GapBeside(int position, int node) => -_meanGap * Math.Log(Uniform(position, 2 + node));

    /// <summary>The rank of the target's choice among the draft's.</summary>
    public int TargetRank(int position)
    {
        RecordedChoice known = Known(position);
        if (known.Rank is { } noted) return noted;
        double uniform = Uniform(position, 1);
        if (known.LeastRank > 0) return OtherRank(known.LeastRank, uniform);
        double right = _meanGap > 0 ? First(Gap(position)) : firstChoice;
        return uniform < right ? 0 : OtherRank(1, (uniform - right) / (1 - right));
    }

    private RecordedChoice Known(int position) => recorded?[position] ?? RecordedChoice.Unknown;

    /// <summary>A rank from <paramref name="first"/> on.</summary>
    private static int OtherRank(int first, double uniform)
    {
        double left = uniform, share = SecondShare;
        int rank = first;
        for (; left >= share && rank < LastRank; rank++)
        {
            left -= share;
            share *= RankRatio;
        }
        return rank;
    }

    private static double First(double gap) => 1 - 0.5 * Math.Exp(-2 * gap);

    private double Uniform(int position, int use) => Philox.Uniform(seed, text, position, use);
}
