using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using TorchSharp;

namespace SubSpec.Torch.Native;

/// <summary>
/// oneDNN's batch-reduce product of bf16 blocks (Georganas et al., arXiv 1906.06440), which libtorch exports as <c>at::native::cpublas::brgemm</c>:
/// AMX tiles, or the bf16 dot products of AVX-512. .NET has no instructions for either.
/// </summary>
internal sealed unsafe class Brgemm
{
    private const string MultiplyBf16 = "_ZN2at6native7cpublas6brgemmEllllllbPKN3c108BFloat16ES5_Pfb";
    private const string ReleaseTiles = "_ZN2at6native7cpublas14brgemm_releaseEb";
    private const string CouldPack = "_ZN2at6native7cpublas10could_packEN3c1010ScalarTypeE";
    private const sbyte BFloat16 = 15;

    private static readonly string[] s_enough = ["ALL", "DEFAULT", "AVX512_CORE_BF16", "AVX512_CORE_FP16", "AVX512_CORE_AMX", "AVX512_CORE_AMX_FP16"];
    private static readonly Lazy<Brgemm?> s_loaded = new(Load);

    private readonly delegate* unmanaged<long, long, long, long, long, long, byte, ushort*, ushort*, float*, byte, void> _multiply;
    private readonly delegate* unmanaged<byte, void> _release;

    private Brgemm(nint multiply, nint release, bool isFast)
    {
        _multiply = (delegate* unmanaged<long, long, long, long, long, long, byte, ushort*, ushort*, float*, byte, void>)multiply;
        _release = (delegate* unmanaged<byte, void>)release;
        IsFast = isFast;
    }

    /// <summary>Loads libtorch at the first call, which takes about half a second; null where it is not there, or not <see cref="IsSupported"/>.</summary>
    public static Brgemm? Loaded => s_loaded.Value;

    /// <summary>
    /// True on processors where it should beat fp32 products: those with AMX, and AMD's with bf16 dot products (one a cycle, of twice the
    /// numbers; Intel's issue half as many of them as of fp32 products). By what the processor is, not by the clock: a model's bits stay the same from run to run.
    /// </summary>
    public static bool MayBeFast => IsSupported && (HasAmx() || IsAmd());

    /// <summary>What <see cref="MayBeFast"/> hopes for, asked of the loaded library: the system may not let it use the tiles.</summary>
    public bool IsFast { get; }

    /// <summary>C [m, n] (+)= A [m, k] B [k, n] in fp32; the order of an element's sum depends on nothing but k.</summary>
    /// <param name="a">bf16 rows, <paramref name="lda"/> elements apart.</param>
    /// <param name="b">bf16 in pairs of k: [k / 2][<paramref name="ldb"/>][2].</param>
    /// <param name="c">fp32 rows, <paramref name="ldc"/> elements apart.</param>
    public void Multiply(int m, int n, int k, int lda, int ldb, int ldc, bool add, ushort* a, ushort* b, float* c) =>
        _multiply(m, n, k, lda, ldb, ldc, (byte)(add ? 1 : 0), a, b, c, 1);

    /// <summary>Gives the tile registers of this thread back; the next product takes them again.</summary>
    public void Release() => _release(1);

    /// <summary>The processor has the bf16 dot products of AVX-512, as all do that have AMX. Without them oneDNN has no such product, and ends the process.</summary>
    public static bool IsSupported { get; } = Avx512F.IsSupported && (X86Base.CpuId(7, 1).Eax & (1 << 5)) != 0;

    /// <summary>Whether a limit on oneDNN's instructions, of its variable ONEDNN_MAX_CPU_ISA, leaves those that it needs.</summary>
    public static bool IsLeftBy(string? limit) => string.IsNullOrEmpty(limit) ||
        s_enough.Any(name => limit.Equals(name, StringComparison.OrdinalIgnoreCase)) || limit.StartsWith("AVX10", StringComparison.OrdinalIgnoreCase);

    private static Brgemm? Load()
    {
        if (!IsSupported || !IsLeftBy(Environment.GetEnvironmentVariable("ONEDNN_MAX_CPU_ISA")) || !IsLeftBy(Environment.GetEnvironmentVariable("DNNL_MAX_CPU_ISA"))) return null;
        if (!NativeLibrary.TryLoad("torch_cpu", typeof(torch).Assembly, null, out nint library)) return null;
        if (!NativeLibrary.TryGetExport(library, MultiplyBf16, out nint multiply)) return null;
        if (!NativeLibrary.TryGetExport(library, ReleaseTiles, out nint release)) return null;
        if (!NativeLibrary.TryGetExport(library, CouldPack, out nint couldPack)) return null;
        // It says so of bf16 where it has tiles.
        bool hasTiles = ((delegate* unmanaged<sbyte, byte>)couldPack)(BFloat16) != 0;
        return new Brgemm(multiply, release, hasTiles || IsAmd());
    }

    private static bool HasAmx() => (X86Base.CpuId(7, 0).Edx & (1 << 22 | 1 << 24)) == (1 << 22 | 1 << 24);

    private static bool IsAmd() => X86Base.CpuId(0, 0).Ecx == 0x444D4163; // Authenti"cAMD"
}
