using SubSpec.Actors.Client;
using SubSpec.Actors.Engines;
using SubSpec.Server.Http.Loading;

namespace SubSpec.Server.Metrics;

/// <summary>
/// Asks the engine how it stands for everybody who wants to know: one question at a time, whose answer is one message of the
/// scheduler between two others. A model that is not loaded stays so. Safe to call from several threads.
/// </summary>
internal sealed class EngineReader(IModelHost model, TimeProvider time)
{
    /// <summary>How old a reading may be for collectors that cannot wait.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private Task<EngineReading> _asking = Task.FromResult(new EngineReading(model.Name, null, null, 0));
    private EngineReading? _last;
    private long _at;

    /// <summary>The last reading, at once; an old one is replaced behind the caller's back. Null before the first.</summary>
    public EngineReading? Last
    {
        get
        {
            lock (_lock)
            {
                if (_last is null || time.GetElapsedTime(_at) > Fresh) _ = Ask();
                return _last;
            }
        }
    }

    /// <summary>A reading that is no older than this.</summary>
    public async Task<EngineReading> ReadAsync(TimeSpan age, CancellationToken cancel)
    {
        Task<EngineReading> asking;
        lock (_lock)
        {
            if (_last is not null && time.GetElapsedTime(_at) < age) return _last;
            asking = Ask();
        }
        return await asking.WaitAsync(cancel).ConfigureAwait(false);
    }

    private Task<EngineReading> Ask() => _asking.IsCompleted ? _asking = AskAsync() : _asking;

    private async Task<EngineReading> AskAsync()
    {
        // The caller holds the lock, which a host may not be asked under.
        await Task.Yield();
        EngineReading reading = await FromAsync(model.Current).ConfigureAwait(false);
        lock (_lock) (_last, _at) = (reading, time.GetTimestamp());
        return reading;
    }

    private async Task<EngineReading> FromAsync(IInferenceHost? host)
    {
        var none = new EngineReading(model.Name, null, null, 0);
        if (host is null) return none;
        try
        {
            EngineLoad load = await host.GetLoadAsync(CancellationToken.None).ConfigureAwait(false);
            return new EngineReading(model.Name, host.Info, load, host.PeakFastTierBytes);
        }
        catch (Exception e) when (e is EngineFailedException or ObjectDisposedException)
        {
            // It was unloaded meanwhile.
            return none;
        }
    }
}
