using SubSpec.Core;
using SubSpec.Torch.Cuda;
using SubSpec.Torch.Native;
using SubSpec.Torch.Native.Aten;
using SubSpec.Torch.Tests.Native;
using SubSpec.Torch.Tests.Safetensors;

namespace SubSpec.Torch.Tests.Cuda;

/// <summary>What the examination of a GPU finds, and that nothing that goes wrong in it is an error.</summary>
public sealed class DeviceExaminationTests : IDisposable
{
    private const long Copied = 1 << 20;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_device_that_can_be_used_is_described_and_left_as_it_was()
    {
        using var cuda = new FakeCuda();

        DeviceFindings found = Examine(cuda);

        Assert.Null(found.Problem);
        Assert.Equal(("NVIDIA Fake", (9, 0), (1L << 30, 1L << 30), TorchFiles.Folder), (found.Name, found.ComputeCapability, found.Memory, found.LibtorchFolder));
        Assert.True(found.CopyBytesPerSecond > 0);
        Assert.Equal(Copied, cuda.PeakDeviceBytes);
        Assert.True(cuda.IsEmpty);
        Assert.Empty(cuda.Violations);
    }

    [Theory]
    [InlineData(0, 0, "this machine has no CUDA device")]
    [InlineData(1, 1, "this machine has 1 CUDA device: give cuda:0")]
    [InlineData(2, 5, "this machine has 2 CUDA devices: give cuda:0 to cuda:1")]
    public void A_device_that_is_not_there_is_said_so(int devices, int index, string phrase)
    {
        using var cuda = new FakeCuda { Devices = devices };
        DeviceFindings found = Examine(cuda, index);
        Assert.Equal((null, phrase), (found.Name, found.Problem!.Phrase));
    }

    [Fact]
    public void A_driver_that_does_not_tell_its_name_changes_nothing_else()
    {
        using var cuda = new FakeCuda { Fault = call => call == "cuDeviceGetName" ? 1 : null };
        DeviceFindings found = Examine(cuda);
        Assert.Equal(("cuda:0", null), (found.Name, found.Problem));
    }

    [Theory]
    [InlineData("cudaGetDeviceCount", false)]
    [InlineData("cudaSetDevice", false)]
    [InlineData("cudaDeviceGetAttribute", true)]
    [InlineData("cudaMemGetInfo", true)]
    [InlineData("cudaHostRegister", true)]
    [InlineData("cudaMalloc", true)]
    [InlineData("cudaStreamCreateWithFlags", true)]
    [InlineData("cudaMemcpyAsync", true)]
    [InlineData("cudaStreamSynchronize", true)]
    [InlineData("cudaStreamDestroy", true)]
    [InlineData("cudaFree", true)]
    [InlineData("cudaHostUnregister", true)]
    public void Whatever_call_fails_is_a_finding(string failing, bool isNamed)
    {
        using var cuda = new FakeCuda { Fault = call => call == failing ? 35 : null };
        DeviceFindings found = Examine(cuda);
        Assert.Equal($"{failing} failed: injected (error 35)", found.Problem!.Phrase.Replace(" of 1MiB", "", StringComparison.Ordinal));
        Assert.Equal(isNamed, found.Name is not null);
        Assert.Null(found.CopyBytesPerSecond);
    }

    [Fact]
    public void A_device_without_room_for_a_copy_says_what_it_has()
    {
        using var cuda = new FakeCuda { TotalBytes = Copied / 2 };
        DeviceFindings found = Examine(cuda);
        Assert.Equal((Copied / 2, Copied / 2), found.Memory);
        Assert.Contains("out of memory", found.Problem!.Phrase, StringComparison.Ordinal);
        Assert.True(cuda.IsEmpty);
    }

    [Theory]
    [InlineData(7, 5, false)]
    [InlineData(8, 0, true)]
    [InlineData(12, 0, true)]
    public void Devices_without_bf16_units_are_refused(int major, int minor, bool can)
    {
        using var cuda = new FakeCuda { Capability = (major, minor) };
        DeviceFindings found = Examine(cuda);
        Assert.Equal((can, can), (found.HasBf16Units, found.Problem is null));
        Exception? opened = Record.Exception(() => CudaDevice.CheckUnits(cuda, 0));
        Assert.Equal(can, opened is null);
        if (can) return;
        Assert.Contains("compute capability 8.0", found.Problem!.Reason, StringComparison.Ordinal);
        Assert.Equal(found.Problem.Reason, Assert.IsType<BadInputException>(opened).Message);
    }

    [Fact]
    public void Libraries_that_are_missing_or_do_not_fit_are_named()
    {
        using var cuda = new FakeCuda();
        TorchFolder cpu = TorchFolder.Open(TorchFiles.Folder), other = WithOtherCuda();

        Assert.Equal("no CUDA runtime library", Run(() => cpu, _ => throw new BadInputException("none can be loaded")).Problem!.Phrase);
        Assert.Equal(("no libtorch", "set it"), Phrases(Run(() => throw new BadInputException("set it"), _ => cuda)));
        Assert.Equal("libtorch is for cpu only", Run(() => cpu, _ => cuda).Problem!.Phrase);
        (string phrase, string reason) = Phrases(Run(() => other, _ => cuda));
        Assert.Equal("libtorch does not fit", phrase);
        Assert.Contains("aoti_torch_cuda_", reason, StringComparison.Ordinal);

        static DeviceFindings Run(Func<TorchFolder> locate, Func<TorchFolder?, ICudaRuntime> load) =>
            DeviceExamination.Run(0, TorchPlace.Cuda(0), locate, load, Copied, CancellationToken.None);

        static (string, string) Phrases(DeviceFindings found) => (found.Problem!.Phrase, found.Problem.Reason);
    }

    [Fact]
    public void An_examination_can_be_cancelled()
    {
        using var cuda = new FakeCuda();
        Assert.Throws<OperationCanceledException>(() => Examine(cuda, cancel: new CancellationToken(canceled: true)));
        Assert.True(cuda.IsEmpty);
    }

    [Fact]
    public void This_machine_is_examined_whatever_it_has()
    {
        DeviceFindings found = DeviceExamination.Run(0, CancellationToken.None);
        Assert.True(found.Problem is not null || found.CopyBytesPerSecond > 0);
    }

    public void Dispose() => _folder.Dispose();

    // On a runtime in the host's memory libtorch computes there.
    private static DeviceFindings Examine(FakeCuda cuda, int index = 0, CancellationToken cancel = default) =>
        DeviceExamination.Run(index, TorchPlace.Cpu, () => TorchFolder.Open(TorchFiles.Folder), _ => cuda, Copied, cancel);

    /// <summary>A libtorch whose CUDA libraries have none of the functions.</summary>
    private TorchFolder WithOtherCuda()
    {
        string lib = _folder.File("lib");
        Directory.CreateDirectory(lib);
        foreach (string name in new[] { "libc10.so", "libtorch_cpu.so", "libtorch.so" }) File.CreateSymbolicLink(Path.Combine(lib, name), TorchFiles.Of(name));
        foreach (string name in new[] { "libc10_cuda.so", "libtorch_cuda.so" }) File.CreateSymbolicLink(Path.Combine(lib, name), TorchFiles.Of("libc10.so"));
        return TorchFolder.Open(lib);
    }
}
