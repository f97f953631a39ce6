namespace SubSpec.Torch.Models;

/// <summary>Mistral 7B and Nemo (Hugging Face <c>modeling_mistral</c>): Llama's layer without biases, in the first versions with a sliding window.</summary>
internal sealed class Mistral : IModelFamily
{
    public string ModelType => "mistral";

    public ModelConfig Read(ConfigReader config) => DecoderConfig.Read(config, positions: 131072, slides: true);
}
