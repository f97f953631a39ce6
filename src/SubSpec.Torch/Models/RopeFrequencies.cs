using SubSpec.Torch.Ops;

namespace SubSpec.Torch.Models;

/// <summary>
/// RoPE's inverse frequencies as a config describes them: plain, or scaled for longer contexts (Hugging Face
/// <c>modeling_rope_utils</c>). Older configs have <c>rope_theta</c> and <c>rope_scaling</c>, newer ones both in <c>rope_parameters</c>.
/// </summary>
internal static class RopeFrequencies
{
    private const double DefaultTheta = 10000;

    // What is not known could change the frequencies, so it is refused.
    private static readonly string[] Known =
    [
        "rope_type", "type", "rope_theta", "factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings", "partial_rotary_factor",
    ];

    /// <summary>[headDim / 2] radians per position.</summary>
    public static double[] Read(ConfigReader config, int headDim)
    {
        double theta = config.Positive("rope_theta", DefaultTheta);
        RefusePartial(config);
        ConfigReader? scaling = config.Section("rope_scaling"), parameters = config.Section("rope_parameters");
        if (scaling is not null && parameters is not null) throw config.Refuse("rope_scaling", "stands beside rope_parameters: remove one of them");
        if ((scaling ?? parameters) is not { } rope) return RopeTable.InverseFrequencies(theta, headDim);

        if (rope.Fields.Except(Known).FirstOrDefault() is { } unknown) throw rope.Refuse(unknown, "this RoPE parameter is not supported");
        RefusePartial(rope);
        double[] plain = RopeTable.InverseFrequencies(rope.Positive("rope_theta", theta), headDim);
        string field = rope.Has("rope_type") ? "rope_type" : "type";
        return rope.OptionalString(field) switch
        {
            null or "default" => plain,
            "linear" => Linear(plain, rope.Positive("factor")),
            "llama3" => Llama3(plain, rope),
            string type => throw rope.Refuse(field, $"'{type}' is not supported: only default, linear and llama3 are"),
        };
    }

    /// <summary>Position interpolation (Chen et al. 2023): positions count for 1 / factor.</summary>
    private static double[] Linear(double[] plain, double factor) => Array.ConvertAll(plain, frequency => frequency / factor);

    /// <summary>
    /// Llama 3.1: waves shorter than original / high_freq_factor positions stay, those longer than original / low_freq_factor are
    /// interpolated, and in between the share of the plain frequency grows linearly with the number of turns in the original context.
    /// </summary>
    private static double[] Llama3(double[] plain, ConfigReader rope)
    {
        double factor = rope.Positive("factor"), low = rope.Positive("low_freq_factor"), high = rope.Positive("high_freq_factor");
        int original = rope.Count("original_max_position_embeddings", 1 << 24);
        if (high <= low) throw rope.Refuse("high_freq_factor", $"{high} must be above the low_freq_factor of {low}");
        return Array.ConvertAll(plain, frequency =>
        {
            double turns = original * frequency / (2 * Math.PI), share = Math.Clamp((turns - low) / (high - low), 0, 1);
            return share * frequency + (1 - share) * frequency / factor;
        });
    }

    private static void RefusePartial(ConfigReader config)
    {
        if (config.Positive("partial_rotary_factor", 1) != 1) throw config.Refuse("partial_rotary_factor", "rotating only a part of a head is not supported");
    }
}
