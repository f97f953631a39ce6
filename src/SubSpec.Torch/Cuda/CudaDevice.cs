using SubSpec.Core;
using SubSpec.Torch.Native;
using SubSpec.Torch.Native.Aten;

namespace SubSpec.Torch.Cuda;

/// <summary>A CUDA device of this machine with the libraries that it needs, found and loaded.</summary>
public sealed class CudaDevice
{
    private CudaDevice(ICudaRuntime runtime, TorchApi api, int index) => (Runtime, Api, Index) = (runtime, api, index);

    public int Index { get; }

    internal ICudaRuntime Runtime { get; }

    internal TorchApi Api { get; }

    /// <summary>Where its libtorch was loaded from.</summary>
    public string LibtorchFolder => Api.Libraries.Folder.Path;

    /// <summary>Bytes of the device that nobody uses.</summary>
    public long FreeBytes
    {
        get
        {
            Runtime.UseDevice(Index);
            return Runtime.MemoryInfo().Free;
        }
    }

    /// <summary>Reads the name of a device: <c>cuda</c> or <c>cuda:N</c>; null for any other.</summary>
    public static int? Parse(string name)
    {
        if (name == "cuda") return 0;
        return name.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(name.AsSpan(5), System.Globalization.NumberStyles.None, null, out int index) ? index : null;
    }

    /// <summary>Finds libraries and device. Throws <see cref="BadInputException"/> with one line that says what is missing.</summary>
    public static CudaDevice Open(int index)
    {
        string option = $"--device cuda:{index}";
        try
        {
            // The cheap reasons first: a machine without a GPU need not load libtorch to be told so.
            TorchFolder folder = TorchLibraries.Locate();
            var runtime = CudaRuntime.Load(folder);
            CheckThere(runtime, index);
            CheckUnits(runtime, index);
            return new CudaDevice(runtime, new TorchApi(TorchPlace.Cuda(index)), index);
        }
        catch (BadInputException e)
        {
            throw new BadInputException($"{option}: {e.Message}", e);
        }
        catch (CudaException e)
        {
            throw new BadInputException($"{option}: no CUDA device can be used: {e.Message}; is NVIDIA's driver there?", e);
        }
    }

    /// <summary>Throws <see cref="BadInputException"/> where the machine has no such device.</summary>
    internal static void CheckThere(ICudaRuntime runtime, int index)
    {
        int count = runtime.DeviceCount();
        if (count == 0) throw new BadInputException("this machine has no CUDA device");
        if (index >= count) throw new BadInputException($"this machine has {count} CUDA device{(count == 1 ? "" : "s")}: give cuda:0{(count == 1 ? "" : $" to cuda:{count - 1}")}");
    }

    /// <summary>Throws <see cref="BadInputException"/> where the device is too old for what it would have to compute.</summary>
    internal static void CheckUnits(ICudaRuntime runtime, int index)
    {
        if (runtime.ComputeCapability(index) is { Major: < DeviceFindings.LeastMajor }) throw new BadInputException(DeviceFindings.TooOld);
    }

    /// <summary>A device of which the runtime is somebody else's and libtorch computes in the processor's memory: for tests.</summary>
    internal static CudaDevice Simulate(ICudaRuntime runtime) => new(runtime, new TorchApi(TorchPlace.Cpu), 0);
}
