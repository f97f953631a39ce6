using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Simulation;

/// <summary>
/// A text as the draft meets it: at each position the gap between its two best choices, and which of its choices is the target's.
/// A pure function of seed, text and position, so every schedule meets the same texts.
/// <para>
/// Assumed: the gap is exponential, the first choice is right with 1 - exp(-2 gap) / 2, and what is left goes to the other ranks
/// in a geometric series (0.7, 0.21, 0.063, ...). The last two are the prior of <see cref="AcceptanceCalibration"/>, so a tree's
/// scores are right on average; the mean gap follows from the probability of a first choice. Where a recorded answer shows whether
/// trees held the target's choice, numbers are drawn until they say the same.
/// </para>
/// </summary>
internal sealed class SimulatedText(ulong seed, int text, double firstChoice, RecordedWalk? recorded = null)
{
    private const double SecondShare = 0.7, RankRatio = 0.3;

    /// <summary>Enough for what happens once in a thousand cases; after that the text is made to fit.</summary>
    private const int MostDraws = 4096, LastRank = 63;

    // E[exp(-2 gap)] = 1 / (1 + 2 mean). A draft that is worse than a coin toss has no gaps at all.
    private readonly double _meanGap = Math.Max(0, (0.5 / Math.Max(1e-9, 1 - firstChoice) - 1) / 2);

    private readonly Dictionary<int, (double Gap, int Rank)> _drawn = [];

    /// <summary>The gap at a position, in units of logits.</summary>
    public double Gap(int position) => At(position).Gap;

    /// <summary>The rank of the target's choice among the draft's.</summary>
    public int TargetRank(int position) => At(position).Rank;

    private (double Gap, int Rank) At(int position)
    {
        if (_drawn.TryGetValue(position, out (double Gap, int Rank) known)) return known;
        bool? held = recorded?.Held(position);
        known = Draw(position, 0);
        for (int draw = 1; held is { } must && Holds(known) != must; draw++)
        {
            known = draw < MostDraws ? Draw(position, draw) : (known.Gap, must ? 0 : LastRank);
        }
        _drawn.Add(position, known);
        return known;
    }

    private (double Gap, int Rank) Draw(int position, int draw)
    {
        double gap = -_meanGap * Math.Log(Uniform(position, 2 * draw)), right = _meanGap > 0 ? First(gap) : firstChoice, uniform = Uniform(position, 2 * draw + 1);
        if (uniform < right) return (gap, 0);
        double left = (uniform - right) / (1 - right), share = SecondShare;
        int rank = 1;
        for (; left >= share && rank < LastRank; rank++)
        {
            left -= share;
            share *= RankRatio;
        }
        return (gap, rank);
    }

    /// <summary>Whether a recorded tree would have held this choice: an alternative that is too improbable is not drafted.</summary>
    private bool Holds((double Gap, int Rank) drawn) =>
        drawn.Rank == 0 || (drawn.Rank < recorded!.Width && (1 - First(drawn.Gap)) * SecondShare * Math.Pow(RankRatio, drawn.Rank - 1) >= recorded.Floor);

    private static double First(double gap) => 1 - 0.5 * Math.Exp(-2 * gap);

    private double Uniform(int position, int use) => Philox.Uniform(seed, text, position, use);
}
