using System.Text;
using System.Text.Json.Nodes;
using SubSpec.Core;
using SubSpec.Torch.Engine;
using SubSpec.Torch.Models;
using SubSpec.Torch.Safetensors;

namespace SubSpec.Torch.Tests.Models;

/// <summary>Configs as the families publish them, and what is refused: in one line that names file and field.</summary>
public class ConfigTests
{
    private const string Small = """
        "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 100
        """;

    [Fact]
    public void Llama_3_1_8b()
    {
        ModelConfig config = Read("""
            "architectures": ["LlamaForCausalLM"], "attention_bias": false, "hidden_act": "silu", "hidden_size": 4096, "intermediate_size": 14336, "max_position_embeddings": 131072,
            "mlp_bias": false, "model_type": "llama", "num_attention_heads": 32, "num_hidden_layers": 32, "num_key_value_heads": 8, "pretraining_tp": 1, "rms_norm_eps": 1e-05,
            "rope_scaling": {"factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192, "rope_type": "llama3"},
            "rope_theta": 500000.0, "tie_word_embeddings": false, "torch_dtype": "bfloat16", "use_cache": true, "vocab_size": 128256
            """);

        Assert.Equal((32, 4096, 14336, 32, 8, 128, 128256), (config.Layers, config.Hidden, config.Intermediate, config.Heads, config.KvHeads, config.HeadDim, config.Vocabulary));
        Assert.Equal((1e-5f, 131072, LinearBiases.None, false, false), (config.NormEpsilon, config.MaxContext, config.Biases, config.HeadNorms, config.TiedHead));
    }

    [Fact]
    public void Qwen3_8b()
    {
        ModelConfig config = Read("""
            "architectures": ["Qwen3ForCausalLM"], "attention_bias": false, "head_dim": 128, "hidden_act": "silu", "hidden_size": 4096, "intermediate_size": 12288, "max_position_embeddings": 40960,
            "max_window_layers": 36, "model_type": "qwen3", "num_attention_heads": 32, "num_hidden_layers": 36, "num_key_value_heads": 8, "rms_norm_eps": 1e-06, "rope_scaling": null,
            "rope_theta": 1000000, "sliding_window": null, "tie_word_embeddings": false, "use_sliding_window": false, "vocab_size": 151936
            """);

        Assert.Equal((36, 128, 40960, LinearBiases.None, true), (config.Layers, config.HeadDim, config.MaxContext, config.Biases, config.HeadNorms));
    }

    [Fact]
    public void Mistral_7b_and_nemo()
    {
        ModelConfig first = Read("""
            "architectures": ["MistralForCausalLM"], "hidden_act": "silu", "hidden_size": 4096, "intermediate_size": 14336, "max_position_embeddings": 32768, "model_type": "mistral",
            "num_attention_heads": 32, "num_hidden_layers": 32, "num_key_value_heads": 8, "rms_norm_eps": 1e-05, "rope_theta": 10000.0, "sliding_window": 4096, "vocab_size": 32000
            """);
        ModelConfig nemo = Read("""
            "head_dim": 128, "hidden_act": "silu", "hidden_size": 5120, "intermediate_size": 14336, "max_position_embeddings": 131072, "model_type": "mistral", "num_attention_heads": 32,
            "num_hidden_layers": 40, "num_key_value_heads": 8, "rms_norm_eps": 1e-05, "rope_theta": 1000000.0, "sliding_window": null, "tie_word_embeddings": false, "vocab_size": 131072
            """);

        Assert.Equal((128, 4096, 32768), (first.HeadDim, first.MaxContext, first.MaxPositions));
        Assert.Equal((128, 4096, 131072), (nemo.HeadDim, nemo.QueryWidth, nemo.MaxContext));
    }

    [Fact]
    public void Qwen_2_5_as_transformers_5_writes_it()
    {
        ModelConfig config = Read("""
            "architectures": ["Qwen2ForCausalLM"], "dtype": "bfloat16", "hidden_act": "silu", "hidden_size": 896, "intermediate_size": 4864, "layer_types": ["full_attention", "full_attention"],
            "max_position_embeddings": 32768, "model_type": "qwen2", "num_attention_heads": 14, "num_hidden_layers": 2, "num_key_value_heads": 2, "rms_norm_eps": 1e-06,
            "rope_parameters": {"rope_theta": 1000000.0, "rope_type": "default"}, "sliding_window": null, "tie_word_embeddings": true, "use_sliding_window": false, "vocab_size": 151936
            """);

        Assert.Equal((64, LinearBiases.QueryKeyValue, true), (config.HeadDim, config.Biases, config.TiedHead));
        Assert.Equal(Math.Pow(1e6, -2.0 / 64), config.InverseFrequencies[1], 1e-15);
    }

    [Theory]
    [InlineData("llama", "\"attention_bias\": true, \"mlp_bias\": true", LinearBiases.QueryKeyValue | LinearBiases.Output | LinearBiases.Mlp)]
    [InlineData("llama", "\"mlp_bias\": true", LinearBiases.Mlp)]
    [InlineData("qwen3", "\"attention_bias\": true", LinearBiases.QueryKeyValue | LinearBiases.Output)]
    [InlineData("qwen2", "\"attention_bias\": false", LinearBiases.QueryKeyValue)]
    [InlineData("mistral", "\"attention_bias\": true", LinearBiases.None)]
    public void Biases_are_those_of_the_family(string type, string fields, LinearBiases expected) =>
        Assert.Equal(expected, Read($"\"model_type\": \"{type}\", {fields}, {Small}").Biases);

    [Theory]
    [InlineData("\"model_type\": \"qwen3_moe\"", "model_type: architecture 'qwen3_moe' is not supported: use one of llama, mistral, qwen2, qwen3")]
    [InlineData("\"model_type\": \"mixtral\"", "model_type: architecture 'mixtral' is not supported")]
    [InlineData("\"model_type\": null", "model_type: is missing")]
    [InlineData("\"architectures\": [\"LlamaForSequenceClassification\"]", "architectures: 'LlamaForSequenceClassification' is not supported")]
    [InlineData("\"architectures\": \"LlamaForCausalLM\"", "architectures: must be a list of strings")]
    [InlineData("\"hidden_act\": \"gelu\"", "hidden_act: 'gelu' is not supported")]
    [InlineData("\"quantization_config\": {\"quant_method\": \"gptq\"}", "quantization_config: quantized checkpoints are not supported")]
    [InlineData("\"num_local_experts\": 8", "num_local_experts: mixtures of experts are not supported")]
    [InlineData("\"num_experts\": 8", "num_experts: mixtures of experts are not supported")]
    [InlineData("\"rope_scaling\": {\"rope_type\": \"yarn\", \"factor\": 4}", "rope_scaling.rope_type: 'yarn' is not supported: only default, linear and llama3 are")]
    [InlineData("\"rope_scaling\": {\"type\": \"dynamic\", \"factor\": 4}", "rope_scaling.type: 'dynamic' is not supported")]
    [InlineData("\"rope_parameters\": {\"rope_type\": \"longrope\"}", "rope_parameters.rope_type: 'longrope' is not supported")]
    [InlineData("\"rope_scaling\": {\"type\": \"su\", \"short_factor\": [1]}", "rope_scaling.short_factor: this RoPE parameter is not supported")]
    [InlineData("\"rope_scaling\": {\"rope_type\": \"linear\"}", "rope_scaling.factor: must be a number above 0")]
    [InlineData("\"rope_scaling\": {\"rope_type\": \"linear\", \"factor\": -1}", "rope_scaling.factor: must be a number above 0")]
    [InlineData("\"rope_scaling\": {\"rope_type\": \"llama3\", \"factor\": 8, \"low_freq_factor\": 4, \"high_freq_factor\": 4, \"original_max_position_embeddings\": 8192}", "rope_scaling.high_freq_factor: 4 must be above the low_freq_factor of 4")]
    [InlineData("\"rope_scaling\": {\"rope_type\": \"llama3\", \"factor\": 8, \"low_freq_factor\": 1, \"high_freq_factor\": 4}", "rope_scaling.original_max_position_embeddings: is missing: must be a whole number")]
    [InlineData("\"rope_scaling\": \"linear\"", "rope_scaling: must be an object")]
    [InlineData("\"rope_scaling\": {\"type\": \"default\"}, \"rope_parameters\": {}", "rope_scaling: stands beside rope_parameters")]
    [InlineData("\"rope_parameters\": {\"full_attention\": {\"rope_type\": \"default\"}}", "rope_parameters.full_attention: this RoPE parameter is not supported")]
    [InlineData("\"partial_rotary_factor\": 0.5", "partial_rotary_factor: rotating only a part of a head is not supported")]
    [InlineData("\"rope_parameters\": {\"partial_rotary_factor\": 0.5}", "rope_parameters.partial_rotary_factor: rotating only a part")]
    [InlineData("\"layer_types\": [\"full_attention\", \"linear_attention\"]", "layer_types: 'linear_attention' is not supported")]
    [InlineData("\"layer_types\": [\"sliding_attention\"]", "layer_types: 'sliding_attention' is not supported")]
    [InlineData("\"head_dim\": 15", "head_dim: heads of 15 elements are not supported")]
    [InlineData("\"hidden_size\": 60", "num_attention_heads: heads of 15 elements are not supported")]
    [InlineData("\"hidden_size\": 66", "num_attention_heads: 4 does not divide the hidden size of 66")]
    [InlineData("\"hidden_size\": 0", "hidden_size: must be a whole number")]
    [InlineData("\"num_key_value_heads\": 3", "num_key_value_heads: 3 does not divide the 4 attention heads")]
    [InlineData("\"attention_bias\": \"yes\"", "attention_bias: must be true or false")]
    [InlineData("\"vocab_size\": null", "vocab_size: is missing: must be a whole number")]
    public void What_is_not_supported_is_refused_in_one_line(string fields, string expected)
    {
        JsonObject config = JsonNode.Parse($"{{\"model_type\": \"llama\", {Small}}}")!.AsObject();
        foreach ((string field, JsonNode? value) in JsonNode.Parse($"{{{fields}}}")!.AsObject()) config[field] = value?.DeepClone();

        string message = Assert.Throws<BadInputException>(() => Read(config.ToJsonString()[1..^1])).Message;
        Assert.StartsWith($"/models/x/config.json: {expected}", message);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData("mistral", "\"sliding_window\": 64")]
    [InlineData("qwen2", "\"sliding_window\": 64, \"use_sliding_window\": true")]
    [InlineData("qwen3", "\"sliding_window\": 64, \"use_sliding_window\": true, \"layer_types\": [\"sliding_attention\", \"full_attention\"]")]
    public void A_sliding_window_limits_the_context(string type, string fields)
    {
        ModelConfig config = Read($"\"model_type\": \"{type}\", {fields}, {Small}");
        EngineOptions Options(int? context) => new() { ModelFolder = "", Context = context };

        Assert.Equal(64, EngineShape.For(config, Options(null), bf16Bytes: 0).Context);
        Assert.Equal(64, EngineShape.For(config, Options(64), bf16Bytes: 0).Context);
        string message = Assert.Throws<BadInputException>(() => EngineShape.For(config, Options(65), bf16Bytes: 0)).Message;
        Assert.Contains("a context of 65 tokens is not possible: this model takes 2 to 64, the size of its sliding window (config.json: sliding_window)", message);
    }

    [Theory]
    [InlineData("qwen2", "\"sliding_window\": 64")] // not in use
    [InlineData("qwen3", "\"sliding_window\": 64, \"use_sliding_window\": false")]
    [InlineData("mistral", "\"sliding_window\": null")]
    [InlineData("mistral", "\"sliding_window\": 1000000")]
    public void A_window_that_is_not_in_use_limits_nothing(string type, string fields) =>
        Assert.Equal(4096, Read($"\"model_type\": \"{type}\", {fields}, \"max_position_embeddings\": 4096, {Small}").MaxContext);

    [Fact]
    public void An_untied_model_without_a_head_is_refused()
    {
        using var model = FamilyModel.Write("qwen2 tied, in shards", SafetensorsDtype.BF16);
        model.Set("tie_word_embeddings", false);

        string message = Assert.Throws<BadInputException>(() => ModelFolder.Open(model.Folder)).Message;
        Assert.Contains("config.json: tie_word_embeddings: not true, but the checkpoint has no lm_head.weight", message);
    }

    [Theory]
    [InlineData("llama", "mlp_bias", "model.layers.0.mlp.gate_proj.bias")]
    [InlineData("llama", "attention_bias", "model.layers.0.self_attn.q_proj.bias")]
    [InlineData("qwen3", "attention_bias", "model.layers.0.self_attn.q_proj.bias")]
    public void A_bias_that_the_config_promises_must_be_there(string name, string field, string tensor)
    {
        using var model = FamilyModel.Write(name, SafetensorsDtype.BF16);
        model.Set(field, true);

        Assert.Contains($"no tensor \"{tensor}\"", Assert.Throws<BadInputException>(() => ModelFolder.Open(model.Folder)).Message);
    }

    private static ModelConfig Read(string fields) =>
        ModelFamilies.Read(ConfigReader.Parse("/models/x/config.json", Encoding.UTF8.GetBytes($"{{{fields}}}"))).Config;
}
