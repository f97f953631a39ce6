using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SubSpec.Torch.Quantization;

/// <summary>A tile's output rows in two 256-bit vectors. (Set by a tuple the fields would live in memory: 1.3 times slower.)</summary>
internal readonly unsafe struct TileLanes256(Vector256<byte> first, Vector256<byte> second) : ITileLanes<TileLanes256>
{
    private readonly Vector256<byte> _first = first;
    private readonly Vector256<byte> _second = second;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileLanes256 Load(byte* source) => new(Vector256.Load(source), Vector256.Load(source + 32));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(byte* target)
    {
        _first.Store(target);
        _second.Store(target + 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileLanes256 Low(TileLanes256 codes) => new(Low(codes._first), Low(codes._second));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileLanes256 High(TileLanes256 codes) => new(High(codes._first), High(codes._second));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileLanes256 Multiply(TileLanes256 codes, byte* x)
    {
        Vector256<sbyte> four = Vector256.Create(*(int*)x).AsSByte();
        return new(Avx2.MultiplyAddAdjacent(codes._first, four).AsByte(), Avx2.MultiplyAddAdjacent(codes._second, four).AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileLanes256 AddSums(TileLanes256 a, TileLanes256 b) =>
        new((a._first.AsInt16() + b._first.AsInt16()).AsByte(), (a._second.AsInt16() + b._second.AsInt16()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileLanes256 Widen(TileLanes256 sums, short factor) => new(
        Avx2.MultiplyAddAdjacent(sums._first.AsInt16(), Vector256.Create(factor)).AsByte(),
        Avx2.MultiplyAddAdjacent(sums._second.AsInt16(), Vector256.Create(factor)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileLanes256 AddIntegers(TileLanes256 a, TileLanes256 b) =>
        new((a._first.AsInt32() + b._first.AsInt32()).AsByte(), (a._second.AsInt32() + b._second.AsInt32()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileLanes256 Floats(byte* halves) => new(EightFloats(halves), EightFloats(halves + 16));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileLanes256 Accumulate(TileLanes256 y, TileLanes256 dot, TileLanes256 scale, TileLanes256 zero, byte* x) => new(
        Accumulate(y._first, dot._first, scale._first, zero._first, x),
        Accumulate(y._second, dot._second, scale._second, zero._second, x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Low(Vector256<byte> codes) => codes & Vector256.Create((byte)15);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> High(Vector256<byte> codes) => Low((codes.AsUInt16() >> 4).AsByte());

    // The bits of an fp16 moved to the place of an fp32's, the sign's copies removed, are the value times 2^-112.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> EightFloats(byte* halves)
    {
        Vector256<int> bits = (Avx2.ConvertToVector256Int32((short*)halves) << 13) & Vector256.Create(unchecked((int)0x8FFFE000));
        return (bits.AsSingle() * Vector256.Create(5.192296858534828e33f)).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Accumulate(Vector256<byte> y, Vector256<byte> dot, Vector256<byte> scale, Vector256<byte> zero, byte* x)
    {
        Vector256<float> sum = Vector256.Create(*(float*)(x + ActivationBlocks.SumAt));
        Vector256<float> centred = Fma.MultiplyAddNegated(zero.AsSingle(), sum, Avx.ConvertToVector256Single(dot.AsInt32()));
        Vector256<float> step = scale.AsSingle() * Vector256.Create(*(float*)(x + ActivationBlocks.ScaleAt));
        return Fma.MultiplyAdd(step, centred, y.AsSingle()).AsByte();
    }
}
