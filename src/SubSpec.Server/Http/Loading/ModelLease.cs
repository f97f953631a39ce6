namespace SubSpec.Server.Http.Loading;

/// <summary>The use of a loaded model: it is not unloaded before the lease ends.</summary>
public sealed class ModelLease : IDisposable
{
    private Action? _release;

    internal ModelLease(IInferenceHost host, Action release) => (Host, _release) = (host, release);

    public IInferenceHost Host { get; }

    /// <summary>Ends the use. Once is enough.</summary>
    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
