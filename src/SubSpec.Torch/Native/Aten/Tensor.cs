namespace SubSpec.Torch.Native.Aten;

/// <summary>A tensor of libtorch with one owner. Over memory of ours it is a view: freeing it frees no memory.</summary>
internal sealed class Tensor(TorchApi api, nint handle) : IDisposable
{
    private nint _handle = handle;

    /// <summary>Throws <see cref="ObjectDisposedException"/> after disposal.</summary>
    public nint Handle
    {
        get
        {
            ObjectDisposedException.ThrowIf(_handle == 0, this);
            return _handle;
        }
    }

    /// <summary>First element.</summary>
    public nint Data => api.DataOf(Handle);

    public void Dispose()
    {
        if (_handle == 0) return;
        api.Delete(_handle);
        _handle = 0;
    }
}
