using System.Runtime.Intrinsics;

namespace SubSpec.GrowModel;

/// <summary><see cref="ZeroSumSplit"/> for eight inputs at once, with the same bits.</summary>
internal static class SplitLanes
{
    public const int Count = 8;

    /// <summary>Fills <paramref name="parts"/> with the parts of eight values: a vector for each copy.</summary>
    public static void Split(Vector256<float> values, float deviation, NoiseLanes noise, Span<Vector256<float>> parts)
    {
        int copies = parts.Length;
        Vector256<float> share = values / copies;
        if (copies == 1 || deviation == 0)
        {
            parts.Fill(Round(share));
        }
        else
        {
            Vector256<float> mean = Vector256<float>.Zero;
            for (int c = 0; c < copies; c++) mean += parts[c] = noise.Next();
            mean /= copies;
            float scale = deviation * MathF.Sqrt(copies / (copies - 1f));
            for (int c = 0; c < copies; c++) parts[c] = Round(share + ((parts[c] - mean) * scale));
        }
        Correct(values, parts);
    }

    /// <summary>The upper halves, which are bf16.</summary>
    public static Vector128<ushort> Bits(Vector256<float> rounded)
    {
        Vector256<uint> bits = rounded.AsUInt32() >>> 16;
        return Vector128.Narrow(bits.GetLower(), bits.GetUpper());
    }

    /// <summary>What the parts lack of the values goes to the smallest part.</summary>
    private static void Correct(Vector256<float> values, Span<Vector256<float>> parts)
    {
        (Vector256<double> lower, Vector256<double> upper) = Vector256.Widen(values);
        Vector256<float> smallest = parts[0], least = Vector256.Abs(smallest);
        Vector256<int> place = Vector256<int>.Zero;
        for (int c = 0; c < parts.Length; c++)
        {
            (Vector256<double> lowerPart, Vector256<double> upperPart) = Vector256.Widen(parts[c]);
            lower -= lowerPart;
            upper -= upperPart;
            Vector256<float> size = Vector256.Abs(parts[c]), smaller = Vector256.LessThan(size, least);
            least = Vector256.ConditionalSelect(smaller, size, least);
            smallest = Vector256.ConditionalSelect(smaller, parts[c], smallest);
            place = Vector256.ConditionalSelect(smaller.AsInt32(), Vector256.Create(c), place);
        }
        (Vector256<double> lowerSmallest, Vector256<double> upperSmallest) = Vector256.Widen(smallest);
        Vector256<float> corrected = Round(Vector256.Narrow(lowerSmallest + lower, upperSmallest + upper));
        for (int lane = 0; lane < Count; lane++) parts[place[lane]] = parts[place[lane]].WithElement(lane, corrected[lane]);
    }

    private static Vector256<float> Round(Vector256<float> value)
    {
        Vector256<uint> bits = value.AsUInt32();
        bits += Vector256.Create(0x7FFFu) + ((bits >>> 16) & Vector256<uint>.One);
        return (bits & Vector256.Create(0xFFFF0000u)).AsSingle();
    }
}
