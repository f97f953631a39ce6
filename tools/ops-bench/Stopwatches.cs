using System.Diagnostics;
using System.Runtime.InteropServices;

namespace SubSpec.OpsBench;

/// <summary>
/// The fastest of many runs: on a shared machine the others measure the neighbours. One thread is timed by its own processor
/// time (where there is such a clock), so that waiting for a core does not count; several are timed by the wall.
/// </summary>
internal sealed partial class Stopwatches(int threads)
{
    private const int ThreadProcessorTime = 3; // CLOCK_THREAD_CPUTIME_ID of linux/time.h

    /// <summary>Seconds of the fastest of <paramref name="repeats"/> runs.</summary>
    public double Best(Action action, int repeats)
    {
        double best = double.MaxValue;
        for (int i = 0; i < repeats; i++)
        {
            double start = Now();
            action();
            best = Math.Min(best, Now() - start);
        }
        return best;
    }

    private double Now()
    {
        if (threads > 1 || !OperatingSystem.IsLinux()) return Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;
        _ = ClockGetTime(ThreadProcessorTime, out TimeSpec time);
        return time.Seconds + time.Nanoseconds * 1e-9;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, out TimeSpec time);

    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
