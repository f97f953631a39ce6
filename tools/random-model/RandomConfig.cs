using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SubSpec.Core;
using SubSpec.Torch.Models;
using SubSpec.Torch.Safetensors;

namespace SubSpec.RandomModel;

/// <summary>The <c>config.json</c> of a random model, read back as a program that loads the model would.</summary>
internal sealed class RandomConfig
{
    private RandomConfig(string json, IModelFamily family, ModelConfig model) => (Json, Family, Model) = (json, family, model);

    public string Json { get; }

    public IModelFamily Family { get; }

    public ModelConfig Model { get; }

    /// <exception cref="BadInputException">No model of a known family has such a config.</exception>
    public static RandomConfig Make(RandomModelOptions options)
    {
        JsonObject json = options.Config is { } path ? ConfigReader.Open(path).ToJson() : Small(options.Family ?? "qwen2");
        foreach ((string field, JsonNode? value) in options.Fields) json[field] = value?.DeepClone();
        json.Remove("dtype");
        json["torch_dtype"] = options.Dtype switch
        {
            SafetensorsDtype.BF16 => "bfloat16",
            SafetensorsDtype.F16 => "float16",
            _ => "float32",
        };
        json["random_seed"] = options.Seed;
        (IModelFamily family, ModelConfig model) = ModelFamilies.Read(ConfigReader.Parse(options.Config ?? "options", Encoding.UTF8.GetBytes(json.ToJsonString())));
        CheckBiases(json, family, model);

        bool text = model.Vocabulary >= DemoTokenizer.Tokens;
        json["bos_token_id"] = text ? DemoTokenizer.BeginToken : null;
        json["eos_token_id"] = text ? DemoTokenizer.EndToken : null;
        return new RandomConfig(json.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n", family, model);
    }

    private static JsonObject Small(string family) => new()
    {
        ["architectures"] = new JsonArray(CultureInfo.InvariantCulture.TextInfo.ToTitleCase(family) + "ForCausalLM"),
        ["model_type"] = family,
        ["hidden_size"] = 256,
        ["intermediate_size"] = 704,
        ["num_hidden_layers"] = 4,
        ["num_attention_heads"] = 8,
        ["num_key_value_heads"] = 2,
        ["head_dim"] = 32,
        ["hidden_act"] = "silu",
        ["rms_norm_eps"] = 1e-6,
        ["rope_theta"] = 10000,
        ["max_position_embeddings"] = 2048,
        ["tie_word_embeddings"] = false,
        ["vocab_size"] = DemoTokenizer.Tokens,
    };

    // A family that does not know a field does not read it: biases that were asked for would be missing without a word.
    private static void CheckBiases(JsonObject json, IModelFamily family, ModelConfig model)
    {
        foreach ((string field, LinearBiases biases) in new[] { ("attention_bias", LinearBiases.QueryKeyValue | LinearBiases.Output), ("mlp_bias", LinearBiases.Mlp) })
        {
            if (json[field] is JsonValue value && value.TryGetValue(out bool asked) && asked && !model.Biases.HasFlag(biases))
                throw new BadInputException($"{field}: {family.ModelType} has no such biases.");
        }
    }
}
