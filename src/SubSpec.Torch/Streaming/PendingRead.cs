using SubSpec.Core.Engine;

namespace SubSpec.Torch.Streaming;

/// <summary>One layer's read, from its start to its completion. Requests of it end on any thread.</summary>
internal sealed class PendingRead(LayerLayout layout, int slot, Action<LayerRead> completed)
{
    private int _requestsLeft;
    private Exception? _error;
    private volatile bool _cancelled;

    public LayerLayout Layout { get; } = layout;

    public int Slot { get; } = slot;

    /// <summary>Timestamp before which the throttled link cannot have moved the layer.</summary>
    public long Due { get; set; }

    /// <summary>Timestamp at which every request had ended; null before. Guarded by the queue's lock.</summary>
    public long? Ended { get; set; }

    /// <summary>The first thing that went wrong.</summary>
    public Exception? Error => Volatile.Read(ref _error) ?? (_cancelled ? new OperationCanceledException($"reading layer {Layout.Layer} was cancelled") : null);

    /// <summary>True once reading on is of no use.</summary>
    public bool IsDoomed => _cancelled || Volatile.Read(ref _error) is not null;

    public void Expect(int requests) => _requestsLeft = requests;

    public void Cancel() => _cancelled = true;

    public void Fail(Exception error) => Interlocked.CompareExchange(ref _error, error, null);

    /// <summary>Replaces an error by the one that explains it.</summary>
    public void Explain(Exception error) => Volatile.Write(ref _error, error);

    /// <summary>Counts one request as ended; true for the last one.</summary>
    public bool EndRequest() => Interlocked.Decrement(ref _requestsLeft) == 0;

    public void Complete() => completed(new LayerRead(Layout.Layer, Slot, Error));
}
