using System.Collections.Immutable;
using SubSpec.Torch.Memory;

namespace SubSpec.Soak;

/// <summary>How much memory the process had. Bytes.</summary>
/// <param name="Seconds">Since the start.</param>
/// <param name="Resident">Of the whole process, clients included.</param>
/// <param name="Native">Of all tensors: weights, KV, scratch.</param>
/// <param name="Managed">Of the garbage-collected heap.</param>
internal sealed record MemorySample(double Seconds, long Resident, long Native, long Managed)
{
    public static MemorySample Take(double seconds) => new(seconds, Environment.WorkingSet, NativeBuffer.LiveBytes, GC.GetTotalMemory(forceFullCollection: false));
}

/// <summary>Looks at the memory now and then.</summary>
internal sealed class MemoryWatch
{
    private const int Samples = 60;

    /// <summary>The first part is not looked at: code is compiled then, and caches fill.</summary>
    private const double WarmUp = 0.25;

    private readonly List<MemorySample> _samples = [];

    public ImmutableArray<MemorySample> All => [.. _samples];

    public async Task RunAsync(TimeSpan length, Action<double> at, CancellationToken stop)
    {
        TimeSpan step = length / Samples;
        for (int i = 1; i <= Samples && !stop.IsCancellationRequested; i++)
        {
            await Task.Delay(step, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _samples.Add(MemorySample.Take(i * step.TotalSeconds));
            at((double)i / Samples);
        }
    }

    /// <summary>Medians of resident bytes: of the quarter after the warm-up, and of the last quarter.</summary>
    public (long Early, long Late) Resident()
    {
        MemorySample[] warm = [.. _samples.Skip((int)(_samples.Count * WarmUp))];
        int quarter = Math.Max(1, _samples.Count / 4);
        return (Median(warm.Take(quarter)), Median(warm.TakeLast(quarter)));
    }

    private static long Median(IEnumerable<MemorySample> samples)
    {
        long[] sorted = [.. samples.Select(s => s.Resident).Order()];
        return sorted.Length == 0 ? 0 : sorted[sorted.Length / 2];
    }
}
