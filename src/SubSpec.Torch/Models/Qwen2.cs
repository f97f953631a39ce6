namespace SubSpec.Torch.Models;

/// <summary>
/// Qwen2 and Qwen2.5 (Hugging Face <c>modeling_qwen2</c>): RMS norm, grouped-query attention with biased q, k and v, RoPE in
/// rotate-half layout, SwiGLU, tied or own head.
/// </summary>
internal sealed class Qwen2 : IModelFamily
{
    public string ModelType => "qwen2";

    public string Embedding => "model.embed_tokens.weight";

    public string FinalNorm => "model.norm.weight";

    public string Head => "lm_head.weight";

    public ModelConfig Read(ConfigReader config)
    {
        if (config.OptionalString("hidden_act") is { } activation && activation != "silu")
            throw config.Refuse("hidden_act", $"'{activation}' is not supported: only silu is");
        if (config.Flag("use_sliding_window", absent: false)) throw config.Refuse("use_sliding_window", "sliding windows are not supported");
        if (config.Has("rope_scaling")) throw config.Refuse("rope_scaling", "scaled RoPE is not supported for qwen2");
        if (config.Has("quantization_config")) throw config.Refuse("quantization_config", "quantized checkpoints are not supported: use the original bf16, fp16 or fp32 weights");

        int hidden = config.Count("hidden_size");
        int heads = config.Count("num_attention_heads", 4096);
        int kvHeads = config.Count("num_key_value_heads", heads, 4096);
        int headDim = config.Count("head_dim", hidden / heads, 1024);
        if (heads % kvHeads != 0) throw config.Refuse("num_key_value_heads", $"{kvHeads} does not divide the {heads} attention heads");
        if (headDim < 8 || headDim % 8 != 0) throw config.Refuse("hidden_size", $"heads of {headDim} elements are not supported: they must be a multiple of 8");
        double theta = config.Positive("rope_theta", 10000);
        return new ModelConfig(
            ModelType,
            config.Count("num_hidden_layers", 1024),
            hidden,
            config.Count("intermediate_size"),
            heads,
            kvHeads,
            headDim,
            config.Count("vocab_size"),
            (float)config.Positive("rms_norm_eps", 1e-6),
            [.. Enumerable.Range(0, headDim / 2).Select(i => Math.Pow(theta, -2.0 * i / headDim))],
            config.Count("max_position_embeddings", 32768, 1 << 24),
            config.Flag("tie_word_embeddings", absent: false),
            config.OptionalString("enlarged_from") is { } origin ? $"enlarged from {origin}" : null);
    }

    public LayerTensors Layer(int layer)
    {
        string prefix = $"model.layers.{layer}.";
        return new LayerTensors
        {
            InputNorm = prefix + "input_layernorm.weight",
            Query = prefix + "self_attn.q_proj.weight",
            Key = prefix + "self_attn.k_proj.weight",
            Value = prefix + "self_attn.v_proj.weight",
            Output = prefix + "self_attn.o_proj.weight",
            PostNorm = prefix + "post_attention_layernorm.weight",
            Gate = prefix + "mlp.gate_proj.weight",
            Up = prefix + "mlp.up_proj.weight",
            Down = prefix + "mlp.down_proj.weight",
            QueryBias = prefix + "self_attn.q_proj.bias",
            KeyBias = prefix + "self_attn.k_proj.bias",
            ValueBias = prefix + "self_attn.v_proj.bias",
        };
    }
}
