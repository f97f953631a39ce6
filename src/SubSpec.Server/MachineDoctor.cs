using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.Intrinsics.X86;
using SubSpec.Core;
using SubSpec.Torch.Cuda;
using SubSpec.Torch.Engine;
using SubSpec.Torch.Models;
using SubSpec.Torch.Native;

namespace SubSpec.Server;

/// <summary>Examines the machine, and a model on it: what would be slow and why.</summary>
internal static class MachineDoctor
{
    private const double SlowLink = 400e6;

    // A slot with four lanes, or an old one with eight.
    private const double SlowCopies = 5e9;

    /// <param name="options">The model to examine too, or null for the machine alone.</param>
    /// <param name="gpu">What was found of the GPU.</param>
    /// <param name="wanted">Whether it was asked for.</param>
    /// <param name="open">Opens it where the model is to be examined on it.</param>
    public static ImmutableArray<DoctorCheck> Examine(HostOptions? options, DeviceFindings gpu, bool wanted, Func<CudaDevice> open, CancellationToken cancel)
    {
        var checks = ImmutableArray.CreateBuilder<DoctorCheck>();
        checks.Add(Processor());
        checks.Add(Memory());
        checks.Add(Torch());
        checks.Add(Gpu(gpu, wanted));
        if (options is not null && !wanted) checks.AddRange(Model(options, null, cancel));
        else if (options is not null && gpu.Problem is null) checks.AddRange(ModelOnGpu(options, open, cancel));
        return checks.ToImmutable();
    }

    /// <summary>What keeps the model from the GPU is one more finding: the others are not lost for it.</summary>
    private static ImmutableArray<DoctorCheck> ModelOnGpu(HostOptions options, Func<CudaDevice> open, CancellationToken cancel)
    {
        try
        {
            return [.. Model(options, open(), cancel)];
        }
        catch (Exception e) when (e is BadInputException or IOException)
        {
            return [new DoctorCheck("model", "Model", "cannot be examined on the GPU", DoctorVerdict.Bad, e.Message)];
        }
    }

    private static DoctorCheck Processor()
    {
        string vectors = Avx512BW.IsSupported ? "AVX-512" : Avx2.IsSupported && Fma.IsSupported ? "AVX2 and FMA" : "no AVX2";
        string found = $"{Environment.ProcessorCount} processors, {vectors}";
        return Avx2.IsSupported && Fma.IsSupported
            ? new DoctorCheck("processor", "Processor", found, DoctorVerdict.Good, null)
            : new DoctorCheck("processor", "Processor", found, DoctorVerdict.Slow, "without AVX2 and FMA every product runs through scalar code, about ten times slower");
    }

    private static DoctorCheck Memory()
    {
        long available = DefaultBudget.AvailableBytes();
        string found = $"{ByteSize.Format(available)} available (control group limit respected)";
        return available > 1L << 30
            ? new DoctorCheck("memory", "Memory", found, DoctorVerdict.Good, null)
            : new DoctorCheck("memory", "Memory", found, DoctorVerdict.Slow, "little memory: most layers will be offloaded");
    }

    private static DoctorCheck Torch() => LibTorch.TryLoad(out string what, out string? problem)
        ? new DoctorCheck("libtorch", "libtorch", $"loads and computes ({what})", DoctorVerdict.Good, null)
        : new DoctorCheck("libtorch", "libtorch", $"not usable (cuda needs it; without it large models compute more slowly on processors with bf16 units): {problem}", DoctorVerdict.Good, null);

    private static DoctorCheck Gpu(DeviceFindings gpu, bool wanted)
    {
        string?[] parts =
        [
            gpu.Name,
            gpu.ComputeCapability is var (major, minor) ? $"compute capability {major}.{minor}" : null,
            gpu.Memory is var (free, total) ? $"{ByteSize.Format(free)} of {ByteSize.Format(total)} free" : null,
            gpu.CopyBytesPerSecond is { } rate ? string.Create(CultureInfo.InvariantCulture, $"{rate / 1e9:F2} GB/s from pinned memory") : null,
            gpu.Name is not null && gpu.LibtorchFolder is not null ? $"libtorch in {gpu.LibtorchFolder}" : null,
            gpu.Problem is { } problem ? $"cuda cannot be used: {problem.Phrase}" : "cuda can be used",
        ];
        bool slow = gpu.CopyBytesPerSecond < SlowCopies;
        (DoctorVerdict verdict, string? advice) = gpu.Problem switch
        {
            // Without a GPU everything runs on the processor: nothing is wrong unless it was asked for.
            { } why when wanted => (DoctorVerdict.Bad, why.Reason),
            { } why when !gpu.HasBf16Units => (DoctorVerdict.Slow, why.Reason),
            null when slow => (DoctorVerdict.Slow, "every pass on cuda waits for copies from pinned memory: a slot with more PCIe lanes helps more than anything else"),
            _ => (DoctorVerdict.Good, (string?)null),
        };
        return new DoctorCheck("gpu", "GPU", string.Join(", ", parts.OfType<string>()), verdict, advice);
    }

    private static IEnumerable<DoctorCheck> Model(HostOptions options, CudaDevice? device, CancellationToken cancel)
    {
        var blueprint = EngineBlueprint.Draw(InferenceHostFactory.EngineOptionsFrom(options with { LargestShape = Core.Trees.DraftShape.None, MemoryBudget = null }) with { MemoryBudget = null });
        ModelConfig config = blueprint.Model.Config;
        if (device is not null) CudaEngine.Check(blueprint, device);
        yield return new DoctorCheck("model", "Model", $"{config.ModelType}, {config.Layers} layers{(config.Label is null ? "" : ", " + config.Label)}", DoctorVerdict.Good, null);
        LinkMeasurement link = LinkMeasurement.Run(blueprint, device, cancel);
        yield return link.DirectIo
            ? new DoctorCheck("direct_io", "Direct I/O", "offloaded weights bypass the page cache", DoctorVerdict.Good, null)
            : new DoctorCheck("direct_io", "Direct I/O", "refused by the file system", DoctorVerdict.Slow, "buffered reads are used: slower, and a copy passes through the page cache; move the model to a local disk");
        yield return new DoctorCheck(
            "link", "Link", string.Create(CultureInfo.InvariantCulture, $"{link.BytesPerSecond / 1e9:F2} GB/s over {ByteSize.Format(link.Bytes)}"),
            link.BytesPerSecond < SlowLink ? DoctorVerdict.Slow : DoctorVerdict.Good,
            link.BytesPerSecond < SlowLink ? "every pass waits for this link: a faster disk helps more than anything else" : null);
        yield return link.Deterministic
            ? new DoctorCheck("probe", "Row probe", "rows have the same bits in any batch", DoctorVerdict.Good, null)
            : new DoctorCheck(
                "probe", "Row probe", "rows depend on their batch", DoctorVerdict.Bad,
                device is null ? "outputs may differ between schedules; please report this processor" : "where two tokens are nearly as likely, outputs may differ between schedules on this GPU");
    }
}
