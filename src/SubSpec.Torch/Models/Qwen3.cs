namespace SubSpec.Torch.Models;

/// <summary>
/// Qwen3, dense (Hugging Face <c>modeling_qwen3</c>): Llama's layer with an RMS norm on each head of q and k before RoPE, and a head
/// size of its own.
/// </summary>
internal sealed class Qwen3 : IModelFamily
{
    public string ModelType => "qwen3";

    public ModelConfig Read(ConfigReader config) => DecoderConfig.Read(config, positions: 32768, slides: config.Flag("use_sliding_window", absent: false), headDim: 128) with
    {
        Biases = DecoderConfig.AttentionBias(config),
        HeadNorms = true,
    };
}
