using SubSpec.Torch.Streaming;

namespace SubSpec.Torch.Cuda;

/// <summary>Where offloaded layers lie, or pass through, in pinned host memory.</summary>
internal interface IHostLayers : IDisposable
{
    /// <summary>How each layer lies in the host's memory, in the order of a pass.</summary>
    IReadOnlyList<LayerLayout> Layouts { get; }

    /// <summary>False where the file system refused direct I/O.</summary>
    bool AreDirect { get; }

    /// <summary>Pinned bytes.</summary>
    long Bytes { get; }

    /// <summary>Brings a layer into pinned memory. <paramref name="there"/> is called once, on any thread.</summary>
    void Fetch(int layer, Action<FetchedLayer> there);

    /// <summary>The layer that was fetched into this memory is not needed any more.</summary>
    void Release(nint memory);

    /// <summary>Asks fetches under way to end early; each still ends.</summary>
    void Cancel();
}

/// <summary>The end of a fetch.</summary>
/// <param name="Memory">First byte of the layer's layout; 0 where there is an error.</param>
internal readonly record struct FetchedLayer(nint Memory, Exception? Error);
