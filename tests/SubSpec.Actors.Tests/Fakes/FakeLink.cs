using SubSpec.Core.Engine;

namespace SubSpec.Actors.Tests.Fakes;

/// <summary>A link whose reads end at once, or when the test says so.</summary>
internal sealed class FakeLink(int slots, IReadOnlyList<int> offloaded) : IWeightLink
{
    public const int LayerPayload = 1000;

    private readonly Lock _lock = new();
    private readonly int[] _holds = [.. Enumerable.Repeat(-1, slots)];
    private readonly List<(int Layer, int Slot, Action<LayerRead> Completed)> _held = [];
    private readonly List<(Func<bool> Condition, TaskCompletionSource Done)> _waits = [];
    private readonly List<int> _begun = [];
    private Func<int, int, bool> _hold = (_, _) => false;

    /// <summary>The error of a read, by its number from 0 and its layer; null for none.</summary>
    public Func<int, int, Exception?> Fails { get; set; } = (_, _) => null;

    public int SlotCount => slots;

    public IReadOnlyList<int> OffloadedLayers => offloaded;

    public int Cancelled { get; private set; }

    /// <summary>Layers in the order in which their reads began.</summary>
    public int[] Begun
    {
        get
        {
            lock (_lock) return [.. _begun];
        }
    }

    public double BusySeconds { get; set; }

    public LinkStats Stats
    {
        get
        {
            lock (_lock) return new LinkStats(_begun.Count * 1024L, BusySeconds, true);
        }
    }

    public long LayerBytes(int layer) => LayerPayload + layer;

    /// <summary>Holds reads back from now on, by number and layer.</summary>
    public void Hold(Func<int, int, bool> hold)
    {
        lock (_lock) _hold = hold;
    }

    public void BeginRead(int layer, int slot, Action<LayerRead> completed)
    {
        bool held;
        Exception? error;
        lock (_lock)
        {
            if (_held.Any(h => h.Slot == slot)) throw new InvalidOperationException($"slot {slot} is being read");
            _holds[slot] = -1;
            error = Fails(_begun.Count, layer);
            held = error is null && _hold(_begun.Count, layer);
            _begun.Add(layer);
            if (held) _held.Add((layer, slot, completed));
            else if (error is null) _holds[slot] = layer;
            foreach ((Func<bool> condition, TaskCompletionSource done) in _waits)
                if (condition()) done.TrySetResult();
        }
        if (!held) completed(new LayerRead(layer, slot, error));
    }

    /// <summary>Ends the oldest held read of the layer.</summary>
    public void Release(int layer, Exception? error = null)
    {
        (int Layer, int Slot, Action<LayerRead> Completed) read;
        lock (_lock)
        {
            int at = _held.FindIndex(h => h.Layer == layer);
            if (at < 0) throw new InvalidOperationException($"layer {layer} is not held");
            read = _held[at];
            _held.RemoveAt(at);
            if (error is null) _holds[read.Slot] = layer;
        }
        read.Completed(new LayerRead(read.Layer, read.Slot, error));
    }

    /// <summary>Ends all held reads and holds none from now on.</summary>
    public void ReleaseAll()
    {
        Hold((_, _) => false);
        int[] layers;
        lock (_lock) layers = [.. _held.Select(h => h.Layer)];
        foreach (int layer in layers) Release(layer);
    }

    public void CancelReads()
    {
        int[] layers;
        lock (_lock)
        {
            layers = [.. _held.Select(h => h.Layer)];
            Cancelled += layers.Length;
        }
        foreach (int layer in layers) Release(layer, new OperationCanceledException());
    }

    /// <summary>Ends when this many reads have begun.</summary>
    public Task Reads(int count)
    {
        lock (_lock)
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_begun.Count >= count) done.SetResult();
            else _waits.Add((() => _begun.Count >= count, done));
            return done.Task.WaitAsync(TimeSpan.FromSeconds(60));
        }
    }

    public bool Holds(int slot, int layer)
    {
        lock (_lock) return (uint)slot < (uint)slots && _holds[slot] == layer;
    }
}
