using System.Collections.Immutable;
using SubSpec.Torch.Memory;
using TorchSharp;

namespace SubSpec.Soak;

/// <summary>How much memory the process had. Bytes.</summary>
/// <param name="Seconds">Since the start.</param>
/// <param name="Resident">Of the whole process, clients included.</param>
/// <param name="Native">Of our buffers: weights, KV, scratch.</param>
/// <param name="Tensors">Tensors that are alive; a count.</param>
/// <param name="Managed">In use of the garbage-collected heap, what was not collected yet included.</param>
/// <param name="Committed">What that heap has from the system.</param>
/// <param name="Collections">Garbage collections so far; a count.</param>
internal sealed record MemorySample(double Seconds, long Resident, long Native, long Tensors, long Managed, long Committed, int Collections)
{
    /// <summary>Code, stacks, and what native libraries allocate for themselves. Pages that were never touched are in the others and not in what is resident.</summary>
    public long Rest => Resident - Native - Committed;

    public static MemorySample Take(double seconds) => new(
        seconds, Environment.WorkingSet, NativeBuffer.LiveBytes, torch.Tensor.TotalCount, GC.GetTotalMemory(forceFullCollection: false), GC.GetGCMemoryInfo().TotalCommittedBytes, GC.CollectionCount(0));
}

/// <summary>Looks at the memory now and then.</summary>
internal sealed class MemoryWatch
{
    private const int Samples = 60;

    /// <summary>The first part is not looked at: code is compiled then, and caches fill.</summary>
    private const double WarmUp = 0.25;

    private readonly List<MemorySample> _samples = [];

    public ImmutableArray<MemorySample> All => [.. _samples];

    /// <summary>Bytes of the garbage-collected heap that are alive: after the warm-up, and at the end.</summary>
    public (long Early, long Late) Alive { get; private set; }

    public async Task RunAsync(TimeSpan length, Action<double> at, CancellationToken stop)
    {
        TimeSpan step = length / Samples;
        for (int i = 1; i <= Samples && !stop.IsCancellationRequested; i++)
        {
            await Task.Delay(step, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _samples.Add(MemorySample.Take(i * step.TotalSeconds));
            at((double)i / Samples);
            if (i == (int)(Samples * WarmUp)) Alive = (GC.GetTotalMemory(forceFullCollection: true), 0);
        }
        Alive = (Alive.Early, GC.GetTotalMemory(forceFullCollection: true));
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
