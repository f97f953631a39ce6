using SubSpec.Torch.Memory;
using SubSpec.Torch.Ops;

namespace SubSpec.Torch.Cuda;

/// <summary>What target and draft share on the <c>cuda</c> device.</summary>
internal sealed record DeviceModel(
    ICudaRuntime Cuda, TorchOps Ops, DeviceArena Arena, DeviceShape Shape, RopeTable Rope, DeviceKv Kv, DeviceWeights Weights, DeviceLayer Layer, DeviceHead Head)
{
    /// <summary>Fills device memory with zeros.</summary>
    public unsafe void Clear(nint memory, long bytes)
    {
        using var zeros = new NativeBuffer(bytes);
        DeviceCopies.Upload(Cuda, memory, zeros.Pointer, bytes);
    }
}
