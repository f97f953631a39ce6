namespace SubSpec.Core.Tests.Statistics;

/// <summary>Pearson's chi-square test of counts against expected probabilities.</summary>
internal static class ChiSquare
{
    private const double LeastExpected = 5;

    /// <summary>
    /// Probability of counts at least this far from the expected ones if these are right. Cells that expect fewer than five are counted as
    /// one; a count where nothing can be expected makes it 0.
    /// </summary>
    public static double PValue(IReadOnlyList<long> counts, IReadOnlyList<double> probabilities)
    {
        long total = counts.Sum();
        double statistic = 0, rareCount = 0, rareExpected = 0;
        int cells = 0;
        for (int i = 0; i < counts.Count; i++)
        {
            double expected = probabilities[i] * total;
            if (expected == 0 && counts[i] > 0) return 0;
            if (expected < LeastExpected)
            {
                rareCount += counts[i];
                rareExpected += expected;
                continue;
            }
            statistic += Square(counts[i] - expected) / expected;
            cells++;
        }
        if (rareExpected >= LeastExpected)
        {
            statistic += Square(rareCount - rareExpected) / rareExpected;
            cells++;
        }
        if (cells < 2) throw new ArgumentException("fewer than two cells to compare", nameof(probabilities));
        return Tail(statistic, cells - 1);
    }

    /// <summary>P(chi-square with so many degrees of freedom >= statistic): the regularized upper incomplete gamma function Q(d/2, x/2).</summary>
    public static double Tail(double statistic, int degrees)
    {
        double a = degrees / 2.0, x = statistic / 2;
        if (x <= 0) return 1;
        double scale = Math.Exp(a * Math.Log(x) - x - LogGamma(a));
        return x < a + 1 ? 1 - scale * Series(a, x) : scale * Fraction(a, x);
    }

    private static double Series(double a, double x)
    {
        double term = 1 / a, sum = term;
        for (int n = 1; term > sum * 1e-15; n++) sum += term *= x / (a + n);
        return sum;
    }

    // Lentz's method for the continued fraction of the upper function.
    private static double Fraction(double a, double x)
    {
        double b = x + 1 - a, c = 1e300, d = 1 / b, value = d;
        for (int n = 1; n < 10_000; n++)
        {
            double numerator = n * (a - n);
            b += 2;
            d = 1 / (numerator * d + b);
            c = b + numerator / c;
            value *= c * d;
            if (Math.Abs(c * d - 1) < 1e-15) break;
        }
        return value;
    }

    // Exact recurrence from whole and half numbers.
    private static double LogGamma(double a)
    {
        double log = 0;
        for (; a > 1; a--) log += Math.Log(a - 1);
        return a == 1 ? log : log + 0.5 * Math.Log(Math.PI);
    }

    private static double Square(double x) => x * x;
}
