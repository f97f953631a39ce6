using SubSpec.Torch.Streaming;

namespace SubSpec.Torch.Tests.Streaming;

/// <summary>A fault hook that fails nothing but lets no request of one layer pass until it is released.</summary>
internal sealed class Hold(int layer) : IDisposable
{
    private readonly ManualResetEventSlim _released = new();
    private readonly ManualResetEventSlim _reached = new();

    public Exception? Wait(ReadRequest request)
    {
        if (request.Read.Layout.Layer != layer) return null;
        _reached.Set();
        _released.Wait(TimeSpan.FromSeconds(10));
        return null;
    }

    public void UntilReached() => Assert.True(_reached.Wait(TimeSpan.FromSeconds(60)));

    public void Release() => _released.Set();

    public void Dispose()
    {
        _released.Set();
    }
}
