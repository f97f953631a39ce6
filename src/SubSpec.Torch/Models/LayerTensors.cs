namespace SubSpec.Torch.Models;

/// <summary>The tensor names of one layer. Biases and head norms are null where the model has none.</summary>
internal sealed record LayerTensors
{
    public required string InputNorm { get; init; }

    public required string Query { get; init; }

    public required string Key { get; init; }

    public required string Value { get; init; }

    public required string Output { get; init; }

    public required string PostNorm { get; init; }

    public required string Gate { get; init; }

    public required string Up { get; init; }

    public required string Down { get; init; }

    public string? QueryBias { get; init; }

    public string? KeyBias { get; init; }

    public string? ValueBias { get; init; }

    public string? OutputBias { get; init; }

    public string? GateBias { get; init; }

    public string? UpBias { get; init; }

    public string? DownBias { get; init; }

    public string? QueryNorm { get; init; }

    public string? KeyNorm { get; init; }

    /// <summary>The seven linears, in the order in which a layer uses them: what is offloaded and what substitutes are made of.</summary>
    public string[] Linears => [Query, Key, Value, Output, Gate, Up, Down];

    /// <summary>The names that Hugging Face's Llama has, and with it most families.</summary>
    public static LayerTensors Standard(ModelConfig config, int layer)
    {
        string attention = $"model.layers.{layer}.self_attn.", mlp = $"model.layers.{layer}.mlp.";
        string? Bias(LinearBiases which, string linear) => config.Biases.HasFlag(which) ? $"{linear}.bias" : null;
        return new LayerTensors
        {
            InputNorm = $"model.layers.{layer}.input_layernorm.weight",
            Query = attention + "q_proj.weight",
            Key = attention + "k_proj.weight",
            Value = attention + "v_proj.weight",
            Output = attention + "o_proj.weight",
            PostNorm = $"model.layers.{layer}.post_attention_layernorm.weight",
            Gate = mlp + "gate_proj.weight",
            Up = mlp + "up_proj.weight",
            Down = mlp + "down_proj.weight",
            QueryBias = Bias(LinearBiases.QueryKeyValue, attention + "q_proj"),
            KeyBias = Bias(LinearBiases.QueryKeyValue, attention + "k_proj"),
            ValueBias = Bias(LinearBiases.QueryKeyValue, attention + "v_proj"),
            OutputBias = Bias(LinearBiases.Output, attention + "o_proj"),
            GateBias = Bias(LinearBiases.Mlp, mlp + "gate_proj"),
            UpBias = Bias(LinearBiases.Mlp, mlp + "up_proj"),
            DownBias = Bias(LinearBiases.Mlp, mlp + "down_proj"),
            QueryNorm = config.HeadNorms ? attention + "q_norm.weight" : null,
            KeyNorm = config.HeadNorms ? attention + "k_norm.weight" : null,
        };
    }
}
