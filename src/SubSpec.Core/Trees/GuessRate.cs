namespace SubSpec.Core.Trees;

/// <summary>
/// A running estimate of how often a guess is what the draft model chooses too, for each length of the n-gram that it follows. Guesses that are not
/// run count as well: the draft's choice is known after every step, so finding out whether they would pay again costs nothing.
/// </summary>
public sealed class GuessRate
{
    private const double Fade = 0.95, PriorWeight = 3;

    private readonly double[] _held = new double[NGramIndex.Longest + 1];
    private readonly double[] _tried = new double[NGramIndex.Longest + 1];

    public GuessRate()
    {
        for (int length = NGramIndex.Shortest; length <= NGramIndex.Longest; length++)
        {
            // Two tokens repeat in every text, four hardly ever by chance.
            _tried[length] = PriorWeight;
            _held[length] = PriorWeight * 0.15 * (length - NGramIndex.Shortest);
        }
    }

    /// <summary>The estimate for the guess after an n-gram, and for each that follows one that held.</summary>
    public double this[int length] => _held[length] / _tried[length];

    /// <summary>How many of a chain of guesses pay: those that hold at least this often.</summary>
    public int Worth(int length, double least, int most)
    {
        int worth = 0;
        for (double holds = this[length]; worth < most && holds >= least; holds *= this[length]) worth++;
        return worth;
    }

    /// <summary>Learns from one guess, of a chain only up to the first that did not hold.</summary>
    public void Learn(int length, bool held)
    {
        _held[length] = _held[length] * Fade + (held ? 1 : 0);
        _tried[length] = _tried[length] * Fade + 1;
    }
}
