using SubSpec.Core;
using SubSpec.Torch.Native;
using SubSpec.Torch.Native.Aten;

namespace SubSpec.Torch.Cuda;

/// <summary>Finds out what a CUDA device of this machine is, how fast it is reached, and whether it can be used. What goes wrong is a finding.</summary>
public static class DeviceExamination
{
    private const int Rounds = 5;

    /// <summary>Examines a device. Libtorch is looked into and not loaded.</summary>
    /// <param name="cancel">Gives up before copies are measured.</param>
    public static DeviceFindings Run(int index, CancellationToken cancel) => Run(index, TorchPlace.Cuda(index), TorchLibraries.Locate, CudaRuntime.Load, 256L << 20, cancel);

    /// <param name="place">Where libtorch would compute.</param>
    /// <param name="locate">Finds libtorch.</param>
    /// <param name="load">Loads the runtime, the one beside libtorch first.</param>
    /// <param name="copied">Bytes of a copy that is measured.</param>
    internal static DeviceFindings Run(
        int index, TorchPlace place, Func<TorchFolder> locate, Func<TorchFolder?, ICudaRuntime> load, long copied, CancellationToken cancel)
    {
        TorchFolder? folder = null;
        DeviceProblem? noTorch = Try("no libtorch", () => folder = locate());
        ICudaRuntime? cuda = null;
        if (Try("no CUDA runtime library", () => cuda = load(folder)) is { } noRuntime) return new DeviceFindings { Problem = noRuntime };

        var found = new DeviceFindings { LibtorchFolder = folder?.Path };
        DeviceProblem? problem = Try(null, () => CudaDevice.CheckThere(cuda!, index)) ?? Try(null, Examine);
        // What no other libtorch would change comes first.
        if (problem is null && !found.HasBf16Units) problem = new DeviceProblem("it has no bf16 matrix units", DeviceFindings.TooOld);
        return found with { Problem = problem ?? noTorch ?? CheckTorch(folder!, place) };

        void Examine()
        {
            cuda!.UseDevice(index);
            found = found with { Name = $"cuda:{index}" };
            Try(null, () => found = found with { Name = cuda.DeviceName(index) });
            found = found with { ComputeCapability = cuda.ComputeCapability(index) };
            found = found with { Memory = cuda.MemoryInfo() };
            cancel.ThrowIfCancellationRequested();
            found = found with { CopyBytesPerSecond = CopyBandwidth.Measure(cuda, index, copied, Rounds) };
        }
    }

    private static DeviceProblem? CheckTorch(TorchFolder folder, TorchPlace place) =>
        Try("libtorch is for cpu only", () => TorchApi.CheckPlace(folder, place))
        ?? Try("libtorch does not fit", () => TorchFolder.RequireSymbols(folder.InLoadOrder(place.IsCuda), TorchApi.Functions(place), "this program"));

    /// <summary>Null where it works.</summary>
    /// <param name="phrase">What it means where it does not; null for the error itself.</param>
    private static DeviceProblem? Try(string? phrase, Action work)
    {
        try
        {
            work();
            return null;
        }
        catch (Exception e) when (e is BadInputException or IOException or UnauthorizedAccessException or OutOfMemoryException)
        {
            return new DeviceProblem(phrase ?? e.Message, e.Message);
        }
    }
}
