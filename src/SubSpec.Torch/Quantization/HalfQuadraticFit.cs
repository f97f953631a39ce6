using System.Runtime.Intrinsics;

namespace SubSpec.Torch.Quantization;

/// <summary>
/// Half-quadratic quantization of one group (HQQ, Badri and Shaji 2023): the error is split into a sparse part, found by generalized soft
/// thresholding of an l_p norm with p &lt; 1, and a rest that the zero-point minimises. Works in units of the scale, so that the
/// fit does not depend on the size of the weights.
/// </summary>
internal unsafe ref struct HalfQuadraticFit
{
    private const int Group = QuantizedMatrix.Group;
    private const float P = 0.7f;
    private const float FirstBeta = 1;
    private const float BetaGrowth = 1.1f;
    private const int MaxIterations = 20;

    // Of each iteration; |r|^(p-1) / beta takes all of an error |r| below this.
    private static readonly float[] Betas = [.. Enumerable.Range(0, MaxIterations).Select(BetaOf)];
    private static readonly float[] Thresholds = [.. Betas.Select(beta => MathF.Pow(beta, -1 / (2 - P)))];

    // The smallest normal fp16: kernels shift exponents and must not meet denormals.
    private const float SmallestScale = 6.103515625e-5f;

    // Ranges tried, as parts of the whole: clipping a rare end or two buys finer steps for the rest.
    private static ReadOnlySpan<float> Shrinks => [1, 0.97f, 0.94f, 0.9f];

    private readonly float* _weights;
    private readonly float* _mask;
    private readonly int _count;
    private readonly float _maxCode;
    private readonly float _range;
    private readonly float _min;

    /// <param name="weights">64 weights; those from <paramref name="count"/> on are padding.</param>
    /// <param name="mask">64 values: 1 for a weight, 0 for padding.</param>
    /// <param name="bits">Bits a code.</param>
    public HalfQuadraticFit(float* weights, float* mask, int count, int bits)
    {
        _weights = weights;
        _mask = mask;
        _count = count;
        _maxCode = (1 << bits) - 1;
        // Zero is always inside the range: the zero-point stays near the codes, and constant groups are exact.
        Vector256<float> min = Vector256<float>.Zero, max = min, squares = min;
        for (int i = 0; i < Group; i += 8)
        {
            Vector256<float> w = Vector256.Load(weights + i);
            min = Vector256.Min(min, w);
            max = Vector256.Max(max, w);
            squares += w * w;
        }
        _min = Smallest(min);
        _range = -Smallest(-max) - _min;
        SquaredNorm = Vector256.Sum(squares);
    }

    /// <summary>Sum of squared weights.</summary>
    public double SquaredNorm { get; }

    /// <summary>False if a weight is not a number or infinite.</summary>
    public readonly bool IsFinite => float.IsFinite(_range);

    public Half Scale { get; private set; }

    public Half Zero { get; private set; }

    /// <summary>Sum of squared errors of the chosen scale and zero-point.</summary>
    public double SquaredError { get; private set; }

    /// <summary>Finds scale and zero-point and writes the 64 codes.</summary>
    public void Run(byte* codes)
    {
        SquaredError = double.PositiveInfinity;
        foreach (float shrink in Shrinks)
            FitZero((Half)Math.Clamp(shrink * _range / _maxCode, SmallestScale, (float)Half.MaxValue));
        float inverse = 1 / (float)Scale, zero = (float)Zero;
        for (int i = 0; i < Group; i += 16)
        {
            Vector256<int> low = Vector256.ConvertToInt32Native(Code((Vector256.Load(_weights + i) * inverse) + Vector256.Create(zero)));
            Vector256<int> high = Vector256.ConvertToInt32Native(Code((Vector256.Load(_weights + i + 8) * inverse) + Vector256.Create(zero)));
            Vector256<short> both = Vector256.Narrow(low, high);
            Vector128.Narrow(both.GetLower().AsUInt16(), both.GetUpper().AsUInt16()).Store(codes + i);
        }
    }

    private void FitZero(Half scale)
    {
        float step = (float)scale, best = float.PositiveInfinity;
        Half zero = (Half)(-_min / step), bestZero = zero;
        for (int i = 0; i < MaxIterations; i++)
        {
            float error = Iterate(1 / step, (float)zero, i, out float next);
            if (!(error < best)) break;
            (best, bestZero) = (error, zero);
            zero = (Half)(MathF.Abs(next) < SmallestScale ? 0 : next);
        }
        double squared = (double)best * step * step;
        if (!(squared < SquaredError)) return;
        (SquaredError, Scale, Zero) = (squared, scale, bestZero);
    }

    // Error of a zero-point, in squared steps, and the zero-point that fits the codes it gives once the sparse part of the error is taken out.
    private readonly float Iterate(float inverse, float zero, int iteration, out float next)
    {
        Vector256<float> threshold = Vector256.Create(Thresholds[iteration]);
        Vector256<float> squares = Vector256<float>.Zero, sum = squares;
        for (int i = 0; i < Group; i += 8)
        {
            Vector256<float> scaled = Vector256.Load(_weights + i) * inverse, mask = Vector256.Load(_mask + i);
            Vector256<float> exact = scaled + Vector256.Create(zero);
            Vector256<float> code = Code(exact);
            Vector256<float> rest = exact - code;
            squares += rest * rest * mask;
            Vector256<float> sparse = Vector256.GreaterThanAny(Vector256.Abs(rest), threshold) ? Threshold(rest, Betas[iteration]) : Vector256<float>.Zero;
            sum += (code - scaled + sparse) * mask;
        }
        next = Vector256.Sum(sum) / _count;
        return Vector256.Sum(squares);
    }

    private readonly Vector256<float> Code(Vector256<float> exact) =>
        Vector256.MinNative(Vector256.MaxNative(Vector256.Round(exact), Vector256<float>.Zero), Vector256.Create(_maxCode));

    private static float BetaOf(int iteration)
    {
        float beta = FirstBeta;
        for (int i = 0; i < iteration; i++) beta *= BetaGrowth;
        return beta;
    }

    private static float Smallest(Vector256<float> values)
    {
        float smallest = values[0];
        for (int i = 1; i < 8; i++) smallest = MathF.Min(smallest, values[i]);
        return smallest;
    }

    // sign(r) * max(|r| - |r|^(p-1) / beta, 0): eq. 5 of the HQQ article.
    private static Vector256<float> Threshold(Vector256<float> rest, float beta)
    {
        Vector256<float> size = Vector256.Abs(rest);
        Vector256<float> power = Vector256.Exp(Vector256.Log(size) * (P - 1));
        return Vector256.CopySign(Vector256.Max(size - (power / beta), Vector256<float>.Zero), rest);
    }
}
