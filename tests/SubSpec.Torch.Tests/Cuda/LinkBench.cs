using SubSpec.Core.Engine;
using SubSpec.Torch.Cuda;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Streaming;
using SubSpec.Torch.Tests.Streaming;

namespace SubSpec.Torch.Tests.Cuda;

/// <summary>A device link over layers of random bytes, on a fake device. Each layer has two tensors, the second at an odd address.</summary>
internal sealed unsafe class LinkBench : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly StreamFolder _folder = new();
    private readonly DeviceArena _arena;

    public LinkBench(int layers = 5, int slots = 3, bool fromDisk = false, int bytesEach = 70_000, double? bytesPerSecond = null, FakeCuda? cuda = null)
    {
        Cuda = cuda ?? new FakeCuda();
        Layers = Write(_folder, layers, bytesEach);
        Host = fromDisk ? new DiskLayers(Cuda, Layers, 2) : new PinnedLayers(Cuda, Layers);
        _arena = new DeviceArena(Cuda, slots * DeviceRing.SlotBytesFor(Layers[0].Tensors.Select(t => t.Bytes)));
        Ring = new DeviceRing(Cuda, _arena, Host.Layouts, slots);
        Link = new DeviceLink(Cuda, 0, Host, Ring, bytesPerSecond, TimeProvider.System);
    }

    public FakeCuda Cuda { get; }

    public OffloadedLayer[] Layers { get; }

    public IHostLayers Host { get; }

    public DeviceRing Ring { get; }

    public DeviceLink Link { get; }

    public static OffloadedLayer[] Write(StreamFolder folder, int layers, int bytesEach)
    {
        string path = folder.Add("model.safetensors", 1000 + layers * (bytesEach + 5001));
        return [.. Enumerable.Range(0, layers).Select(l => new OffloadedLayer(
            l,
            [
                StreamFolder.Tensor("a", path, 1000 + l * (bytesEach + 5001), bytesEach),
                StreamFolder.Tensor("b", path, 1000 + l * (bytesEach + 5001) + bytesEach + 1, 5000),
            ]))];
    }

    public Task<LayerRead> Read(int layer, int slot)
    {
        var end = new TaskCompletionSource<LayerRead>(TaskCreationOptions.RunContinuationsAsynchronously);
        Link.BeginRead(layer, slot, end.SetResult);
        return end.Task.WaitAsync(_patience);
    }

    /// <summary>Whether the slot holds exactly the layer's bytes of the file.</summary>
    public bool Holds(int slot, int layer) => Layers[layer].Tensors.Select((t, i) => (Tensor: t, Index: i)).All(t =>
        new ReadOnlySpan<byte>((void*)Ring.TensorAddress(slot, layer, t.Index), (int)t.Tensor.Bytes).SequenceEqual(LinkReads.Expected(t.Tensor)));

    public void Dispose()
    {
        Link.Dispose();
        Ring.Dispose();
        Host.Dispose();
        _arena.Dispose();
        _folder.Dispose();
    }
}
