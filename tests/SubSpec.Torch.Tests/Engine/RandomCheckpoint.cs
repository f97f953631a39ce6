using System.Runtime.InteropServices;
using SubSpec.Torch.Safetensors;

namespace SubSpec.Torch.Tests.Engine;

/// <summary>A qwen2 checkpoint of random weights with sizes that divide nothing evenly, grouped queries and a head of its own.</summary>
internal static class RandomCheckpoint
{
    public const int Vocabulary = 211;

    private const int Layers = 3, Hidden = 72, Intermediate = 101, Heads = 3, KvHeads = 1, HeadDim = 24;

    public static void Write(string folder, SafetensorsDtype dtype)
    {
        File.WriteAllText(Path.Combine(folder, "config.json"), $$"""
            {"model_type": "qwen2", "hidden_size": {{Hidden}}, "intermediate_size": {{Intermediate}}, "num_hidden_layers": {{Layers}},
             "num_attention_heads": {{Heads}}, "num_key_value_heads": {{KvHeads}}, "vocab_size": {{Vocabulary}}, "rms_norm_eps": 1e-6,
             "rope_theta": 10000, "max_position_embeddings": 512, "tie_word_embeddings": false, "hidden_act": "silu"}
            """);
        SafetensorsEntry[] tensors = [.. Tensors().Select(t => new SafetensorsEntry(t.Name, dtype, t.Shape))];
        using var writer = new SafetensorsWriter(Path.Combine(folder, "model.safetensors"), tensors);
        var random = new Random(5);
        foreach (SafetensorsEntry tensor in tensors) writer.Write(tensor.Name, Bytes(Values(tensor, random), dtype));
        writer.Complete();
    }

    private static IEnumerable<(string Name, long[] Shape)> Tensors()
    {
        yield return ("model.embed_tokens.weight", [Vocabulary, Hidden]);
        yield return ("lm_head.weight", [Vocabulary, Hidden]);
        yield return ("model.norm.weight", [Hidden]);
        for (int layer = 0; layer < Layers; layer++)
        {
            string prefix = $"model.layers.{layer}.";
            yield return (prefix + "input_layernorm.weight", [Hidden]);
            yield return (prefix + "post_attention_layernorm.weight", [Hidden]);
            foreach ((string name, int width) in new[] { ("q", Heads * HeadDim), ("k", KvHeads * HeadDim), ("v", KvHeads * HeadDim) })
            {
                yield return ($"{prefix}self_attn.{name}_proj.weight", [width, Hidden]);
                yield return ($"{prefix}self_attn.{name}_proj.bias", [width]);
            }
            yield return (prefix + "self_attn.o_proj.weight", [Hidden, Heads * HeadDim]);
            yield return (prefix + "mlp.gate_proj.weight", [Intermediate, Hidden]);
            yield return (prefix + "mlp.up_proj.weight", [Intermediate, Hidden]);
            yield return (prefix + "mlp.down_proj.weight", [Hidden, Intermediate]);
        }
    }

    /// <summary>Matrices keep the size of what passes through them; norms lie around 1.</summary>
    private static float[] Values(SafetensorsEntry tensor, Random random)
    {
        double scale = tensor.Shape.Count == 1 ? 0.3 : Math.Sqrt(3.0 / tensor.Shape[1]) * 1.5, centre = tensor.Name.Contains("norm") ? 1 : 0;
        float[] values = new float[tensor.Shape.Aggregate((a, b) => a * b)];
        for (int i = 0; i < values.Length; i++) values[i] = (float)(centre + scale * (2 * random.NextDouble() - 1));
        return values;
    }

    private static ReadOnlySpan<byte> Bytes(float[] values, SafetensorsDtype dtype) => dtype switch
    {
        SafetensorsDtype.F32 => MemoryMarshal.AsBytes<float>(values),
        SafetensorsDtype.F16 => MemoryMarshal.AsBytes<Half>(Array.ConvertAll(values, v => (Half)v)),
        _ => MemoryMarshal.AsBytes<ushort>(Array.ConvertAll(values, v => (ushort)(BitConverter.SingleToUInt32Bits(v) >> 16))),
    };
}
