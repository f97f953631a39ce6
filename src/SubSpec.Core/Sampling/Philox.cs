using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SubSpec.Core.Sampling;

/// <summary>
/// Philox4x32-10, a counter-based random generator (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011):
/// a pure function of key and counter, so that every token's noise is known without drawing the others'.
/// </summary>
public static class Philox
{
    private const uint Multiplier0 = 0xD2511F53, Multiplier1 = 0xCD9E8D57, Weyl0 = 0x9E3779B9, Weyl1 = 0xBB67AE85;

    /// <summary>The 128 random bits of a 128-bit counter under a 64-bit key.</summary>
    public static (uint X0, uint X1, uint X2, uint X3) Block(ulong key, uint c0, uint c1, uint c2, uint c3)
    {
        uint k0 = (uint)key, k1 = (uint)(key >> 32);
        for (int round = 0; round < 10; round++)
        {
            ulong p0 = (ulong)Multiplier0 * c0, p1 = (ulong)Multiplier1 * c2;
            (c0, c1, c2, c3) = ((uint)(p1 >> 32) ^ c1 ^ k0, (uint)p1, (uint)(p0 >> 32) ^ c3 ^ k1, (uint)p0);
            k0 += Weyl0;
            k1 += Weyl1;
        }
        return (c0, c1, c2, c3);
    }

    /// <summary>The uniform number in (0, 1), 53 bits, of one token at one position of one choice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Uniform(ulong seed, int choice, int position, int token)
    {
        (uint x0, uint x1, _, _) = Block(seed, (uint)token, (uint)position, (uint)choice, 0);
        return ToUniform((ulong)x1 << 32 | x0);
    }

    /// <summary>The middle of one of 2^53 equal intervals; where that needs a 54th bit, the next double below 1 at most.</summary>
    internal static double ToUniform(ulong bits) => Math.Min(((bits >> 11) + 0.5) * (1.0 / (1UL << 53)), 1 - 1.0 / (1UL << 53));

    /// <summary>The X1 words, which lead the uniform numbers, of the eight tokens from <paramref name="token"/> on.</summary>
    internal static Vector256<uint> LeadingWords(ulong seed, int choice, int position, int token)
    {
        // One token in the low half of each 64-bit lane. The multiplication reads low halves only, so what gathers above them is harmless.
        Vector256<ulong> a0 = Vector256.Create((ulong)(uint)token) + Vector256<ulong>.Indices, b0 = a0 + Vector256.Create(4UL);
        Vector256<ulong> a1 = Vector256.Create((ulong)(uint)position), a2 = Vector256.Create((ulong)(uint)choice), a3 = default;
        Vector256<ulong> b1 = a1, b2 = a2, b3 = default;
        Vector256<ulong> k0 = Vector256.Create(seed), k1 = Vector256.Create(seed >> 32);
        for (int round = 0; round < 10; round++)
        {
            Vector256<ulong> p0 = Product(a0, Multiplier0), p1 = Product(a2, Multiplier1);
            Vector256<ulong> q0 = Product(b0, Multiplier0), q1 = Product(b2, Multiplier1);
            (a0, a1, a2, a3) = ((p1 >>> 32) ^ a1 ^ k0, p1, (p0 >>> 32) ^ a3 ^ k1, p0);
            (b0, b1, b2, b3) = ((q1 >>> 32) ^ b1 ^ k0, q1, (q0 >>> 32) ^ b3 ^ k1, q0);
            k0 += Vector256.Create((ulong)Weyl0);
            k1 += Vector256.Create((ulong)Weyl1);
        }
        return Vector256.Narrow(a1, b1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Product(Vector256<ulong> a, uint b) => Avx2.IsSupported
        ? Avx2.Multiply(a.AsUInt32(), Vector256.Create((ulong)b).AsUInt32())
        : (a & Vector256.Create((ulong)uint.MaxValue)) * b;
}
