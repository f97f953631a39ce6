using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace SubSpec.Torch.Ops.Linears;

/// <summary>Hints that never fault and never change a result; nothing where the processor is not x86.</summary>
internal static unsafe class Prefetch
{
    /// <summary>Bytes of a cache line.</summary>
    public const int Line = 64;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void IntoL1(byte* address)
    {
        if (Sse.IsSupported) Sse.Prefetch0(address);
    }

    public static void IntoL2(byte* start, int bytes)
    {
        if (!Sse.IsSupported) return;
        for (int at = 0; at < bytes; at += Line) Sse.Prefetch1(start + at);
    }
}
