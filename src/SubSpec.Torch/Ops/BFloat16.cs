using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SubSpec.Torch.Ops;

/// <summary>bf16, the upper half of a float: rounding to the nearest, ties to even; NaN stays NaN. Integer arithmetic only, so vectors and tails agree.</summary>
internal static unsafe class BFloat16
{
    /// <summary>The nearest bf16 numbers, as floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Round(Vector256<float> value)
    {
        Vector256<uint> bits = value.AsUInt32(), upper = Vector256.Create(0xFFFF0000u);
        Vector256<uint> nearest = bits + Vector256.Create(0x7FFFu) + ((bits >>> 16) & Vector256<uint>.One);
        Vector256<uint> quiet = bits | Vector256.Create(0x00400000u);
        return (Vector256.ConditionalSelect(Vector256.Equals(value, value).AsUInt32(), nearest, quiet) & upper).AsSingle();
    }

    /// <summary>The nearest bf16 number, as a float.</summary>
    public static float Round(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        bits = float.IsNaN(value) ? bits | 0x00400000u : bits + 0x7FFF + ((bits >> 16) & 1);
        return BitConverter.UInt32BitsToSingle(bits & 0xFFFF0000u);
    }

    /// <summary>Rounds <paramref name="count"/> numbers; <paramref name="destination"/> may be <paramref name="source"/>.</summary>
    public static void Round(float* source, float* destination, long count)
    {
        long i = 0;
        for (; i + 8 <= count; i += 8) Round(Vector256.Load(source + i)).Store(destination + i);
        for (; i < count; i++) destination[i] = Round(source[i]);
    }

    /// <summary>Rounds and stores as bf16: how rows enter the KV cache.</summary>
    public static void Narrow(float* source, ushort* destination, long count)
    {
        long i = 0;
        for (; i + 16 <= count; i += 16)
        {
            Vector256<uint> lower = Round(Vector256.Load(source + i)).AsUInt32() >>> 16;
            Vector256<uint> upper = Round(Vector256.Load(source + i + 8)).AsUInt32() >>> 16;
            Vector256.Narrow(lower, upper).Store(destination + i);
        }
        for (; i < count; i++) destination[i] = (ushort)(BitConverter.SingleToUInt32Bits(Round(source[i])) >> 16);
    }

    /// <summary>bf16 to fp32, exactly.</summary>
    public static void Widen(ushort* source, float* destination, long count)
    {
        long i = 0;
        for (; i + 16 <= count; i += 16)
        {
            (Vector256<uint> lower, Vector256<uint> upper) = Vector256.Widen(Vector256.Load(source + i));
            (lower << 16).AsSingle().Store(destination + i);
            (upper << 16).AsSingle().Store(destination + i + 8);
        }
        for (; i < count; i++) destination[i] = BitConverter.UInt32BitsToSingle((uint)source[i] << 16);
    }
}
