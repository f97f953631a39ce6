using System.Diagnostics;
using SubSpec.Core.Engine;
using SubSpec.Torch.Cuda;

namespace SubSpec.Torch.Engine;

/// <summary>What streaming a model's layers really gives on this machine.</summary>
/// <param name="Bytes">Read in all.</param>
public sealed record LinkMeasurement(long Bytes, double BytesPerSecond, bool DirectIo, bool Deterministic)
{
    private const double Seconds = 1;

    /// <summary>Builds an engine and keeps all slots of its ring reading for a second.</summary>
    /// <param name="device">Where it computes; null for the processor.</param>
    public static LinkMeasurement Run(EngineBlueprint blueprint, CudaDevice? device, CancellationToken cancel)
    {
        using ModelAssets assets = ModelAssets.Load(blueprint);
        using IDeviceEngine engine = device is null ? new CpuEngine(blueprint, assets, cancel) : new CudaEngine(device, blueprint, assets, cancel: cancel);
        IWeightLink link = engine.Link;
        using var ended = new SemaphoreSlim(0);
        Exception? error = null;
        long before = link.Stats.BytesRead, start = Stopwatch.GetTimestamp();
        int next = 0, open = 0;
        var free = new System.Collections.Concurrent.ConcurrentQueue<int>(Enumerable.Range(0, link.SlotCount));
        while (error is null && !cancel.IsCancellationRequested && Stopwatch.GetElapsedTime(start).TotalSeconds < Seconds)
        {
            while (free.TryDequeue(out int slot))
            {
                open++;
                link.BeginRead(link.OffloadedLayers[next++ % link.OffloadedLayers.Count], slot, read =>
                {
                    error ??= read.Error;
                    free.Enqueue(read.Slot);
                    ended.Release();
                });
            }
            ended.Wait(CancellationToken.None);
            open--;
        }
        for (; open > 0; open--) ended.Wait(CancellationToken.None);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (error is not null) throw error;
        cancel.ThrowIfCancellationRequested();
        LinkStats stats = link.Stats;
        return new LinkMeasurement(stats.BytesRead - before, (stats.BytesRead - before) / seconds, stats.DirectIo, engine.Deterministic);
    }
}
