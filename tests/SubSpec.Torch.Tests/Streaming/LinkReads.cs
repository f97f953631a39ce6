using SubSpec.Core.Engine;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Streaming;

namespace SubSpec.Torch.Tests.Streaming;

/// <summary>Reads as tasks, and what a slot must hold after one.</summary>
internal static class LinkReads
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    public static Task<LayerRead> Read(this CheckpointLink link, int layer, int slot)
    {
        var end = new TaskCompletionSource<LayerRead>(TaskCreationOptions.RunContinuationsAsynchronously);
        link.BeginRead(layer, slot, end.SetResult);
        return end.Task.WaitAsync(_patience);
    }

    public static Task Within(this Task task) => task.WaitAsync(_patience);

    public static unsafe byte[] Bytes(this WeightRing ring, int slot, int layer, int tensor) =>
        new ReadOnlySpan<byte>((void*)ring.TensorAddress(slot, layer, tensor), (int)ring.Layout(layer).Tensors[tensor].Bytes).ToArray();

    public static byte[] Expected(TensorInfo tensor) => File.ReadAllBytes(tensor.File).AsSpan((int)tensor.Offset, (int)tensor.Bytes).ToArray();
}
