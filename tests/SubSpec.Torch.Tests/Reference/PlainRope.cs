using System.Text.Json;

namespace SubSpec.Torch.Tests.Reference;

/// <summary>Inverse frequencies of RoPE, written after the text of Hugging Face's <c>modeling_rope_utils</c>. Shares no code with the product.</summary>
internal static class PlainRope
{
    /// <summary>[headDim / 2] radians per position.</summary>
    public static double[] InverseFrequencies(JsonElement config, int headDim)
    {
        JsonElement? rope = Given(config, "rope_scaling") ?? Given(config, "rope_parameters");
        double theta = Number(rope, "rope_theta") ?? Number(config, "rope_theta") ?? 10000;
        double[] inverse = new double[headDim / 2];
        for (int i = 0; i < inverse.Length; i++) inverse[i] = 1 / Math.Pow(theta, 2.0 * i / headDim);
        return TypeOf(rope) switch
        {
            "default" => inverse,
            "linear" => [.. inverse.Select(f => f / Number(rope, "factor")!.Value)],
            "llama3" => Llama3(inverse, rope),
            string other => throw new NotSupportedException(other),
        };
    }

    private static double[] Llama3(double[] inverse, JsonElement? rope)
    {
        double factor = Number(rope, "factor")!.Value, original = Number(rope, "original_max_position_embeddings")!.Value;
        double low = Number(rope, "low_freq_factor")!.Value, high = Number(rope, "high_freq_factor")!.Value;
        double longest = original / low, shortest = original / high;
        double[] scaled = new double[inverse.Length];
        for (int i = 0; i < inverse.Length; i++)
        {
            double wavelength = 2 * Math.PI / inverse[i];
            if (wavelength < shortest)
            {
                scaled[i] = inverse[i];
            }
            else if (wavelength > longest)
            {
                scaled[i] = inverse[i] / factor;
            }
            else
            {
                double smooth = ((original / wavelength) - low) / (high - low);
                scaled[i] = ((1 - smooth) * inverse[i] / factor) + (smooth * inverse[i]);
            }
        }
        return scaled;
    }

    private static string TypeOf(JsonElement? rope)
    {
        foreach (string key in new[] { "rope_type", "type" })
            if (rope is { } given && Given(given, key) is { } type) return type.GetString()!;
        return "default";
    }

    private static double? Number(JsonElement? parent, string key) => parent is { } given ? Given(given, key)?.GetDouble() : null;

    private static JsonElement? Given(JsonElement parent, string key) =>
        parent.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
