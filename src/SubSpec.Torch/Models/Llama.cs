namespace SubSpec.Torch.Models;

/// <summary>
/// Llama 2, 3, 3.1 and later text models (Hugging Face <c>modeling_llama</c>): RMS norm, grouped-query attention, RoPE in rotate-half
/// layout, SwiGLU, tied or own head, biases where the config says so.
/// </summary>
internal sealed class Llama : IModelFamily
{
    public string ModelType => "llama";

    public ModelConfig Read(ConfigReader config) => DecoderConfig.Read(config, positions: 2048) with
    {
        Biases = DecoderConfig.AttentionBias(config) | (config.Flag("mlp_bias", absent: false) ? LinearBiases.Mlp : LinearBiases.None),
    };
}
