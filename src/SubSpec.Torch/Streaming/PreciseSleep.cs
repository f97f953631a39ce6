using System.Diagnostics;

namespace SubSpec.Torch.Streaming;

/// <summary>Sleeps that end within tens of microseconds of the time asked for, without spinning where the system can do that.</summary>
internal static class PreciseSleep
{
    /// <summary>Once on a thread before it calls <see cref="Sleep"/>.</summary>
    public static void PrepareThread()
    {
        if (OperatingSystem.IsLinux()) LibC.SleepPrecisely();
    }

    /// <param name="time">A few milliseconds at most: nothing can end this sleep early.</param>
    public static void Sleep(TimeSpan time)
    {
        if (OperatingSystem.IsLinux())
        {
            LibC.Sleep(time);
            return;
        }
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < time) Thread.Yield();
    }
}
