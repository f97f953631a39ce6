namespace SubSpec.GrowModel;

/// <summary>
/// Divides the weight of one input among the copies of that input. Equal inputs times the parts give what the weight gave,
/// yet no two parts are alike (Net2Net, Chen et al. 2016, section 3.2, with noise that adds up to nothing).
/// </summary>
internal static class ZeroSumSplit
{
    /// <summary>
    /// Fills <paramref name="parts"/> with bf16 values of standard deviation <paramref name="deviation"/> that add up to
    /// <paramref name="value"/>, exactly where bf16 can: the last correction goes to the smallest part, whose grid is the finest.
    /// </summary>
    public static void Split(float value, float deviation, ref NoiseSource noise, Span<float> parts)
    {
        int copies = parts.Length;
        float share = value / copies;
        if (copies == 1 || deviation == 0)
        {
            parts.Fill(BFloat16.Round(share));
        }
        else
        {
            float mean = 0;
            for (int c = 0; c < copies; c++) mean += parts[c] = noise.Next();
            mean /= copies;
            // Taking the mean out shrinks the deviation by this.
            float scale = deviation * MathF.Sqrt(copies / (copies - 1f));
            for (int c = 0; c < copies; c++) parts[c] = BFloat16.Round(share + ((parts[c] - mean) * scale));
        }

        double rest = value;
        int smallest = 0;
        for (int c = 0; c < copies; c++)
        {
            rest -= parts[c];
            if (MathF.Abs(parts[c]) < MathF.Abs(parts[smallest])) smallest = c;
        }
        parts[smallest] = BFloat16.Round((float)(parts[smallest] + rest));
    }
}
