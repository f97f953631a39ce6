namespace SubSpec.Torch.Models;

/// <summary>The fields that Llama and the families after it share, under the names and with the meaning that Hugging Face gives them.</summary>
internal static class DecoderConfig
{
    private static readonly (string Field, string Why)[] Unsupported =
    [
        ("quantization_config", "quantized checkpoints are not supported: use the original bf16, fp16 or fp32 weights"),
        ("num_experts", "mixtures of experts are not supported"),
        ("num_local_experts", "mixtures of experts are not supported"),
    ];

    /// <summary>A model without biases and head norms; the family adds what it has.</summary>
    /// <param name="positions">Longest context where the config does not say.</param>
    /// <param name="slides">Whether the model uses <c>sliding_window</c> where the config has one.</param>
    /// <param name="headDim">Elements of a head where the config does not say; null for hidden / heads.</param>
    public static ModelConfig Read(ConfigReader config, int positions, bool slides = false, int? headDim = null)
    {
        foreach ((string field, string why) in Unsupported)
            if (config.Has(field)) throw config.Refuse(field, why);
        // "swish" is the same function under its first name.
        if (config.OptionalString("hidden_act") is { } activation && activation is not ("silu" or "swish"))
            throw config.Refuse("hidden_act", $"'{activation}' is not supported: only silu is");

        int hidden = config.Count("hidden_size");
        int heads = config.Count("num_attention_heads", 4096);
        int kvHeads = config.Count("num_key_value_heads", heads, 4096);
        if (heads % kvHeads != 0) throw config.Refuse("num_key_value_heads", $"{kvHeads} does not divide the {heads} attention heads");
        int dimensions = HeadDim(config, hidden, heads, headDim);
        return new ModelConfig(
            config.String("model_type"),
            config.Count("num_hidden_layers", 1024),
            hidden,
            config.Count("intermediate_size"),
            heads,
            kvHeads,
            dimensions,
            config.Count("vocab_size"),
            (float)config.Positive("rms_norm_eps", 1e-6),
            RopeFrequencies.Read(config, dimensions),
            config.Count("max_position_embeddings", positions, 1 << 24),
            Window(config, slides),
            config.Flag("tie_word_embeddings", absent: false),
            Label(config));
    }

    /// <summary><c>attention_bias</c>, as Llama and Qwen3 understand it: all four projections or none.</summary>
    public static LinearBiases AttentionBias(ConfigReader config) =>
        config.Flag("attention_bias", absent: false) ? LinearBiases.QueryKeyValue | LinearBiases.Output : LinearBiases.None;

    private static int HeadDim(ConfigReader config, int hidden, int heads, int? absent)
    {
        bool given = config.Has("head_dim") || absent is not null;
        if (!given && hidden % heads != 0) throw config.Refuse("num_attention_heads", $"{heads} does not divide the hidden size of {hidden}, and there is no head_dim");
        int dimensions = config.Count("head_dim", absent ?? hidden / heads, 1024);
        // RoPE turns pairs of dimensions.
        return dimensions % 2 == 0 ? dimensions : throw config.Refuse(given ? "head_dim" : "num_attention_heads", $"heads of {dimensions} elements are not supported: their number must be even");
    }

    // Written by tools/grow-model and tools/random-model.
    private static string? Label(ConfigReader config) =>
        config.OptionalString("enlarged_from") is { } origin ? $"enlarged from {origin}" : config.Has("random_seed") ? "random weights" : null;

    private static int? Window(ConfigReader config, bool slides)
    {
        int? window = slides && config.Has("sliding_window") ? config.Count("sliding_window", 1 << 24) : null;
        foreach (string type in config.Strings("layer_types"))
        {
            bool known = type == "full_attention" || (type == "sliding_attention" && window is not null);
            if (!known) throw config.Refuse("layer_types", $"'{type}' is not supported: only full_attention is, and sliding_attention where a sliding_window is in use");
        }
        return window;
    }
}
