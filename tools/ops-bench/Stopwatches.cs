using System.Diagnostics;

namespace SubSpec.OpsBench;

internal static class Stopwatches
{
    /// <summary>Seconds of the fastest of <paramref name="repeats"/> runs: on a shared machine the others measure the neighbours.</summary>
    public static double Best(Action action, int repeats)
    {
        double best = double.MaxValue;
        for (int i = 0; i < repeats; i++)
        {
            long start = Stopwatch.GetTimestamp();
            action();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return best;
    }
}
