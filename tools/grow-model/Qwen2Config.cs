using System.Text.Json;
using System.Text.Json.Nodes;
using SubSpec.Core;

namespace SubSpec.GrowModel;

/// <summary>The sizes of a Qwen2 <c>config.json</c>, and the way back to one with other sizes.</summary>
internal sealed class Qwen2Config
{
    private const int MaxFileBytes = 1 << 20;

    private readonly JsonObject _json;
    private readonly string _path;

    private Qwen2Config(JsonObject json, string path)
    {
        _json = json;
        _path = path;
        if (Text("model_type") != "qwen2") throw Bad("model_type", "only qwen2 can be enlarged");
        if (Flag("use_sliding_window")) throw Bad("use_sliding_window", "sliding windows cannot be enlarged");
        (Hidden, Intermediate, Layers) = (Size("hidden_size"), Size("intermediate_size"), Size("num_hidden_layers"));
        (Heads, KvHeads, Vocabulary) = (Size("num_attention_heads"), Size("num_key_value_heads"), Size("vocab_size"));
        Tied = Flag("tie_word_embeddings");
        HeadDim = _json.ContainsKey("head_dim") ? Size("head_dim") : Hidden / Heads;
        if (Heads % KvHeads != 0) throw Bad("num_key_value_heads", "does not divide num_attention_heads");
        if (!_json.ContainsKey("head_dim") && Hidden % Heads != 0) throw Bad("num_attention_heads", "does not divide hidden_size");
    }

    public int Hidden { get; }

    public int Intermediate { get; }

    public int Layers { get; }

    public int Heads { get; }

    public int KvHeads { get; }

    public int HeadDim { get; }

    public int Vocabulary { get; }

    public bool Tied { get; }

    /// <exception cref="BadInputException">No readable configuration of a Qwen2 model.</exception>
    public static Qwen2Config Read(string folder)
    {
        string path = Path.Combine(folder, "config.json");
        if (!File.Exists(path)) throw new BadInputException($"{path}: no such file. Give the folder of a model.");
        if (new FileInfo(path).Length > MaxFileBytes) throw new BadInputException($"{path}: more than {MaxFileBytes} bytes. Give the folder of a model.");
        try
        {
            var options = new JsonDocumentOptions { MaxDepth = 16, AllowDuplicateProperties = false };
            return new Qwen2Config(JsonNode.Parse(File.ReadAllBytes(path), documentOptions: options)!.AsObject(), path);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException)
        {
            throw new BadInputException($"{path}: no valid JSON object. Download the model again.", e);
        }
    }

    /// <summary>The configuration of the enlarged model: everything that is not a size stays as it was.</summary>
    public string Enlarged(GrowthPlan plan, string source, double noise, long seed)
    {
        JsonObject json = _json.DeepClone().AsObject();
        json["hidden_size"] = plan.Hidden;
        json["intermediate_size"] = plan.Intermediate;
        json["num_hidden_layers"] = plan.Layers.Count;
        json["num_attention_heads"] = Heads * plan.HiddenFactor;
        json["num_key_value_heads"] = KvHeads * plan.HiddenFactor;
        json[json.ContainsKey("dtype") ? "dtype" : "torch_dtype"] = "bfloat16";
        if (json["layer_types"] is JsonArray) json["layer_types"] = new JsonArray([.. plan.Layers.Select(_ => (JsonNode)"full_attention")]);
        json["enlarged"] = true;
        json["enlarged_from"] = source;
        json["enlarged_noise"] = noise;
        json["enlarged_seed"] = seed;
        return json.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n";
    }

    private string? Text(string key) => _json[key] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private bool Flag(string key) => _json[key] is JsonValue value && value.TryGetValue(out bool flag) && flag;

    private int Size(string key) =>
        _json[key] is JsonValue value && value.TryGetValue(out int size) && size is > 0 and <= 1 << 20 ? size : throw Bad(key, "a size is expected");

    private BadInputException Bad(string key, string what) => new($"{_path}: {key}: {what}. Use a dense Qwen2 model.");
}
