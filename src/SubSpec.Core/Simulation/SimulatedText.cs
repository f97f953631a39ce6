using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Simulation;

/// <summary>
/// A text as the draft meets it: at each position the gap between its two best choices, and which of its choices is the target's.
/// A pure function of seed, text and position, so every schedule meets the same texts.
/// <para>
/// Assumed: the gap is exponential, the first choice is right with 1 - exp(-2 gap) / 2, and what is left goes to the other ranks
/// in a geometric series (0.7, 0.21, 0.063, ...). The last two are the prior of <see cref="AcceptanceCalibration"/>, so a tree's
/// scores are right on average; the mean gap follows from the probability of a first choice.
/// </para>
/// </summary>
internal sealed class SimulatedText
{
    private const double SecondShare = 0.7, RankRatio = 0.3;

    private readonly ulong _seed;
    private readonly int _text;
    private readonly double _firstChoice, _meanGap;

    public SimulatedText(ulong seed, int text, double firstChoice)
    {
        (_seed, _text, _firstChoice) = (seed, text, firstChoice);
        // E[exp(-2 gap)] = 1 / (1 + 2 mean). A draft that is worse than a coin toss has no gaps at all.
        _meanGap = Math.Max(0, (0.5 / Math.Max(1e-9, 1 - firstChoice) - 1) / 2);
    }

    /// <summary>The gap at a position, in units of logits.</summary>
    public double Gap(int position) => -_meanGap * Math.Log(Uniform(position, 0));

    /// <summary>The rank of the target's choice among the draft's.</summary>
    public int TargetRank(int position)
    {
        double right = _meanGap > 0 ? 1 - 0.5 * Math.Exp(-2 * Gap(position)) : _firstChoice, uniform = Uniform(position, 1);
        if (uniform < right) return 0;
        double left = (uniform - right) / (1 - right), share = SecondShare;
        int rank = 1;
        for (; left >= share && rank < 63; rank++)
        {
            left -= share;
            share *= RankRatio;
        }
        return rank;
    }

    /// <summary>The random number of the round that begins at a position.</summary>
    public double RoundDraw(int position) => Uniform(position, 2);

    private double Uniform(int position, int use) => Philox.Uniform(_seed, _text, position, use);
}
