using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SubSpec.Torch.Quantization;

/// <summary>
/// A tile's output rows in one 512-bit vector. Only the instructions that have no portable form are chosen by processor, so that
/// the same code can be checked where AVX-512 is missing.
/// </summary>
internal readonly unsafe struct TileLanes512(Vector512<byte> all) : ITileLanes<TileLanes512>
{
    private readonly Vector512<byte> _all = all;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileLanes512 Load(byte* source) => new(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(byte* target) => _all.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileLanes512 Low(TileLanes512 codes) => new(codes._all & Vector512.Create((byte)15));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileLanes512 High(TileLanes512 codes) => new((codes._all.AsUInt16() >> 4).AsByte() & Vector512.Create((byte)15));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileLanes512 Multiply(TileLanes512 codes, byte* x)
    {
        Vector512<sbyte> four = Vector512.Create(*(int*)x).AsSByte();
        return new((Avx512BW.IsSupported
            ? Avx512BW.MultiplyAddAdjacent(codes._all, four)
            : Vector512.Create(
                Avx2.MultiplyAddAdjacent(codes._all.GetLower(), four.GetLower()), Avx2.MultiplyAddAdjacent(codes._all.GetUpper(), four.GetUpper()))).AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileLanes512 AddSums(TileLanes512 a, TileLanes512 b) => new((a._all.AsInt16() + b._all.AsInt16()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileLanes512 Widen(TileLanes512 sums, short factor)
    {
        Vector512<short> pairs = sums._all.AsInt16(), factors = Vector512.Create(factor);
        return new((Avx512BW.IsSupported
            ? Avx512BW.MultiplyAddAdjacent(pairs, factors)
            : Vector512.Create(
                Avx2.MultiplyAddAdjacent(pairs.GetLower(), factors.GetLower()), Avx2.MultiplyAddAdjacent(pairs.GetUpper(), factors.GetUpper()))).AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileLanes512 AddIntegers(TileLanes512 a, TileLanes512 b) => new((a._all.AsInt32() + b._all.AsInt32()).AsByte());

    // The bits of an fp16 moved to the place of an fp32's, the sign's copies removed, are the value times 2^-112.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileLanes512 Floats(byte* halves)
    {
        Vector512<int> wide = Avx512F.IsSupported
            ? Avx512F.ConvertToVector512Int32(Vector256.Load((short*)halves))
            : Vector512.Create(Avx2.ConvertToVector256Int32((short*)halves), Avx2.ConvertToVector256Int32((short*)halves + 8));
        Vector512<int> bits = (wide << 13) & Vector512.Create(unchecked((int)0x8FFFE000));
        return new((bits.AsSingle() * Vector512.Create(5.192296858534828e33f)).AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileLanes512 Accumulate(TileLanes512 y, TileLanes512 dot, TileLanes512 scale, TileLanes512 zero, byte* x)
    {
        Vector512<float> sum = Vector512.Create(*(float*)(x + ActivationBlocks.SumAt));
        Vector512<float> centred = Vector512.FusedMultiplyAdd(-zero._all.AsSingle(), sum, Vector512.ConvertToSingle(dot._all.AsInt32()));
        Vector512<float> step = scale._all.AsSingle() * Vector512.Create(*(float*)(x + ActivationBlocks.ScaleAt));
        return new(Vector512.FusedMultiplyAdd(step, centred, y._all.AsSingle()).AsByte());
    }
}
