namespace SubSpec.Torch.Models;

/// <summary>Qwen2 and Qwen2.5 (Hugging Face <c>modeling_qwen2</c>): Llama's layer with biases on q, k and v.</summary>
internal sealed class Qwen2 : IModelFamily
{
    public string ModelType => "qwen2";

    public ModelConfig Read(ConfigReader config) => DecoderConfig.Read(config, positions: 32768, slides: config.Flag("use_sliding_window", absent: false)) with
    {
        Biases = LinearBiases.QueryKeyValue,
    };
}
