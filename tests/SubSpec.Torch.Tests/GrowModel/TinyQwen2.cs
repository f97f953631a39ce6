using System.Runtime.InteropServices;
using System.Text.Json;
using SubSpec.Torch.Safetensors;
using SubSpec.Torch.Tests.Reference;

namespace SubSpec.Torch.Tests.GrowModel;

/// <summary>A random model with what the demo does not have: an untied head, F32 weights, one KV head of size 16.</summary>
internal static class TinyQwen2
{
    private const int Hidden = 48, Intermediate = 80, Heads = 3, HeadDim = 16, Vocabulary = 60;

    public static void Write(string folder, int layers)
    {
        var config = new
        {
            model_type = "qwen2",
            hidden_size = Hidden,
            intermediate_size = Intermediate,
            num_hidden_layers = layers,
            num_attention_heads = Heads,
            num_key_value_heads = 1,
            vocab_size = Vocabulary,
            rms_norm_eps = 1e-6,
            rope_theta = 10000.0,
            tie_word_embeddings = false,
            layer_types = Enumerable.Repeat("full_attention", layers),
        };
        File.WriteAllText(Path.Combine(folder, "config.json"), JsonSerializer.Serialize(config));

        List<SafetensorsEntry> entries = [Entry("model.embed_tokens.weight", Vocabulary, Hidden), Entry("lm_head.weight", Vocabulary, Hidden), Entry("model.norm.weight", Hidden)];
        for (int layer = 0; layer < layers; layer++) entries.AddRange(Layer($"model.layers.{layer}."));
        using var writer = new SafetensorsWriter(Path.Combine(folder, "model.safetensors"), entries);
        var random = new Random(5);
        foreach (SafetensorsEntry entry in entries) writer.Write(entry.Name, MemoryMarshal.AsBytes<float>(Values(entry, random)));
        writer.Complete();
    }

    private static SafetensorsEntry[] Layer(string prefix) =>
    [
        Entry(prefix + "input_layernorm.weight", Hidden),
        Entry(prefix + "post_attention_layernorm.weight", Hidden),
        Entry(prefix + "self_attn.q_proj.weight", Heads * HeadDim, Hidden),
        Entry(prefix + "self_attn.q_proj.bias", Heads * HeadDim),
        Entry(prefix + "self_attn.k_proj.weight", HeadDim, Hidden),
        Entry(prefix + "self_attn.k_proj.bias", HeadDim),
        Entry(prefix + "self_attn.v_proj.weight", HeadDim, Hidden),
        Entry(prefix + "self_attn.v_proj.bias", HeadDim),
        Entry(prefix + "self_attn.o_proj.weight", Hidden, Heads * HeadDim),
        Entry(prefix + "mlp.gate_proj.weight", Intermediate, Hidden),
        Entry(prefix + "mlp.up_proj.weight", Intermediate, Hidden),
        Entry(prefix + "mlp.down_proj.weight", Hidden, Intermediate),
    ];

    private static SafetensorsEntry Entry(string name, params long[] shape) => new(name, SafetensorsDtype.F32, shape);

    /// <summary>Values that bf16 holds exactly, so that growing loses nothing by the change of type.</summary>
    private static float[] Values(SafetensorsEntry entry, Random random)
    {
        (double centre, double width) = entry.Name.Contains("norm") ? (1.0, 0.5) : (0.0, 0.4);
        return [.. Enumerable.Range(0, (int)entry.Shape.Aggregate(1L, (a, b) => a * b)).Select(_ => (float)PlainTransformer.RoundToBf16(centre + (width * (random.NextDouble() - 0.5))))];
    }
}
