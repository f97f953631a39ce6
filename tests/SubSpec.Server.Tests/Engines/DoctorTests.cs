using SubSpec.Server.Tests.Http.Support;
using SubSpec.Torch.Cuda;
using SubSpec.Torch.Tests.Cuda;

namespace SubSpec.Server.Tests.Engines;

/// <summary>What <c>doctor</c> says of the GPU, and of a model on it.</summary>
[Collection(nameof(DemoEngines))]
public class DoctorTests
{
    private static readonly DeviceFindings Usable = new()
    {
        Name = "NVIDIA H100",
        ComputeCapability = (9, 0),
        Memory = (78L << 30, 80L << 30),
        CopyBytesPerSecond = 55.321e9,
        LibtorchFolder = "/torch/lib",
    };

    [Fact]
    public void A_GPU_that_can_be_used_is_described_in_a_line() => Assert.Equal(
        new DoctorCheck("gpu", "GPU", "NVIDIA H100, compute capability 9.0, 78GiB of 80GiB free, 55.32 GB/s from pinned memory, libtorch in /torch/lib, cuda can be used", DoctorVerdict.Good, null),
        Gpu(Usable, "cpu"));

    [Theory]
    [InlineData("cpu", DoctorVerdict.Good, null)]
    [InlineData("cuda", DoctorVerdict.Bad, "install CUDA's runtime")]
    [InlineData("cuda:3", DoctorVerdict.Bad, "install CUDA's runtime")]
    public void A_machine_without_one_is_good_unless_it_is_asked_for(string device, DoctorVerdict verdict, string? advice) => Assert.Equal(
        new DoctorCheck("gpu", "GPU", "cuda cannot be used: no CUDA runtime library", verdict, advice),
        Gpu(new DeviceFindings { Problem = new DeviceProblem("no CUDA runtime library", "install CUDA's runtime") }, device));

    [Theory]
    [InlineData("cpu", DoctorVerdict.Slow)]
    [InlineData("cuda", DoctorVerdict.Bad)]
    public void One_that_is_too_old_is_said_to_be(string device, DoctorVerdict verdict)
    {
        DoctorCheck check = Gpu(Usable with { ComputeCapability = (7, 5), Problem = new DeviceProblem("it has no bf16 matrix units", "8.0 has them") }, device);
        Assert.Equal((verdict, "8.0 has them"), (check.Verdict, check.Advice));
        Assert.EndsWith("cuda cannot be used: it has no bf16 matrix units", check.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Slow_copies_are_said_to_be()
    {
        DoctorCheck check = Gpu(Usable with { CopyBytesPerSecond = 3e9 }, "cuda");
        Assert.Equal(DoctorVerdict.Slow, check.Verdict);
        Assert.Contains("PCIe", check.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_is_examined_on_the_device_that_is_asked_for()
    {
        using var cuda = new FakeCuda();
        var factory = new InferenceHostFactory { ExamineCuda = (_, _) => Usable, OpenCuda = _ => CudaDevice.Simulate(cuda) };

        DoctorReport report = factory.Doctor(TestServices.Demo, "cuda", CancellationToken.None);

        Assert.Equal(["processor", "memory", "libtorch", "gpu", "model", "direct_io", "link", "probe"], report.Checks.Select(c => c.Key));
        Assert.True(cuda.PeakDeviceBytes > 0);
        Assert.True(cuda.IsEmpty);
    }

    [Fact]
    public void A_model_is_not_examined_on_a_device_that_cannot_be_used()
    {
        var factory = new InferenceHostFactory { ExamineCuda = (_, _) => Usable with { Problem = new DeviceProblem("no libtorch", "set it") } };

        Assert.Equal("gpu", factory.Doctor(TestServices.Demo, "cuda", CancellationToken.None).Checks[^1].Key);
        Assert.Equal("probe", factory.Doctor(TestServices.Demo, "cpu", CancellationToken.None).Checks[^1].Key);
    }

    [Fact]
    public void A_model_that_the_device_cannot_hold_is_a_finding_beside_the_others()
    {
        using var cuda = new FakeCuda { TotalBytes = 10 << 20 };
        var factory = new InferenceHostFactory { ExamineCuda = (_, _) => Usable, OpenCuda = _ => CudaDevice.Simulate(cuda) };

        DoctorReport report = factory.Doctor(TestServices.Demo, "cuda", CancellationToken.None);

        Assert.Equal(["processor", "memory", "libtorch", "gpu", "model"], report.Checks.Select(c => c.Key));
        Assert.Equal(DoctorVerdict.Bad, report.Checks[^1].Verdict);
        Assert.Contains("10MiB are free", report.Checks[^1].Advice, StringComparison.Ordinal);
        Assert.Equal(0, cuda.PeakDeviceBytes);
    }

    private static DoctorCheck Gpu(DeviceFindings found, string device)
    {
        int? asked = null;
        var factory = new InferenceHostFactory { ExamineCuda = (index, _) => { asked = index; return found; } };
        DoctorCheck check = Assert.Single(factory.Doctor(null, device, CancellationToken.None).Checks, c => c.Key == "gpu");
        Assert.Equal(CudaDevice.Parse(device) ?? 0, asked);
        return check;
    }
}
