using System.Collections.Immutable;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Simulation;

/// <summary>How far drafts are accepted.</summary>
/// <param name="FirstChoice">Probability that the draft's first choice after an accepted token is the target's choice: a run's <c>agreement</c>.</param>
/// <param name="Measured">Histograms of trees that were really drafted. For the very same tree they beat the model that <paramref name="FirstChoice"/> is put into.</param>
public sealed record AcceptanceModel(double FirstChoice, ImmutableArray<MeasuredAcceptance> Measured)
{
    /// <summary>What is assumed where nothing is known: that of 4-bit substitutes of the demo model at temperature 0, in DESIGN section 11.</summary>
    public static AcceptanceModel Default { get; } = new(0.969, []);

    /// <summary>What was measured of trees of this depth and width; null for nothing.</summary>
    public MeasuredAcceptance? Of(DraftShape shape) => Measured.FirstOrDefault(m => m.Depth == shape.Depth && m.Width == shape.Width);
}

/// <summary>Rounds of one kind of tree.</summary>
/// <param name="Depth">Most tokens drafted ahead.</param>
/// <param name="Width">Most alternatives at one depth.</param>
/// <param name="Histogram">[k] = rounds that accepted k draft tokens.</param>
public sealed record MeasuredAcceptance(int Depth, int Width, ImmutableArray<int> Histogram)
{
    /// <summary>The probability of a first choice that such rounds speak for: tokens accepted over choices seen. A round that accepted all it had drafted shows no miss.</summary>
    public double FirstChoice
    {
        get
        {
            long accepted = Histogram.Select((rounds, k) => (long)rounds * k).Sum(), missed = Histogram.Take(Depth).Sum(rounds => (long)rounds);
            return accepted + missed == 0 ? 0 : (double)accepted / (accepted + missed);
        }
    }

    /// <summary>The accepted tokens of a round.</summary>
    /// <param name="uniform">A random number in (0, 1).</param>
    public int Draw(double uniform)
    {
        double left = uniform * Histogram.Sum(rounds => (long)rounds);
        for (int k = 0; k < Histogram.Length; k++)
            if ((left -= Histogram[k]) < 0) return k;
        return Histogram.Length - 1;
    }
}
