using System.Text.Json.Nodes;
using SubSpec.RandomModel;
using SubSpec.Torch.Safetensors;
using SubSpec.Torch.Tests.Safetensors;

namespace SubSpec.Torch.Tests.Models;

/// <summary>Random models of every family and layout, with sizes that divide nothing evenly.</summary>
internal sealed class FamilyModel : IDisposable
{
    // Name, options of tools/random-model.
    private static readonly Dictionary<string, string> Options = new()
    {
        ["qwen2"] = "--family qwen2 --hidden 72 --intermediate 101 --heads 3 --kv-heads 1 --head-dim 24 --vocabulary 211",
        ["qwen2 tied, in shards"] = "--family qwen2 --hidden 40 --intermediate 129 --heads 2 --kv-heads 2 --head-dim 20 --vocabulary 301 --tied --shards 5",
        ["qwen3"] = "--family qwen3 --hidden 50 --intermediate 96 --heads 4 --kv-heads 2 --head-dim 32 --vocabulary 127 --shards 2",
        ["qwen3 with heads of 6, biases, tied"] = "--family qwen3 --hidden 33 --intermediate 65 --heads 5 --kv-heads 1 --head-dim 6 --vocabulary 199 --tied --attention-bias",
        ["llama"] = "--family llama --hidden 64 --intermediate 172 --heads 4 --kv-heads 4 --set head_dim=null --vocabulary 259 --shards 3",
        ["llama with llama3 scaling"] = "--family llama --hidden 96 --intermediate 110 --heads 6 --kv-heads 2 --head-dim 16 --vocabulary 307 --tied "
            + """--set rope_theta=500000 --set rope_scaling={"rope_type":"llama3","factor":8,"low_freq_factor":1,"high_freq_factor":4,"original_max_position_embeddings":40}""",
        ["llama with all biases and linear scaling"] = "--family llama --hidden 45 --intermediate 77 --heads 5 --kv-heads 1 --head-dim 18 --vocabulary 173 --attention-bias --mlp-bias "
            + """--set rope_scaling={"type":"linear","factor":4}""",
        ["mistral with a window"] = "--family mistral --hidden 60 --intermediate 90 --heads 4 --kv-heads 2 --head-dim 20 --vocabulary 223 --set sliding_window=256 "
            + """--set rope_theta=null --set rope_parameters={"rope_type":"default","rope_theta":1000000}""",
        ["mistral without a window"] = "--family mistral --hidden 48 --intermediate 150 --heads 3 --kv-heads 3 --head-dim 10 --vocabulary 97 --set sliding_window=null --shards 4",
    };

    private readonly TemporaryFolder _folder = new();

    private FamilyModel(string options)
    {
        Folder = _folder.File("model");
        var parsed = RandomModelOptions.Parse([.. $"--out {Folder} {options}".Split(' ')]);
        var writer = new RandomModelWriter(parsed);
        writer.Run(_ => { }, CancellationToken.None);
    }

    public static IEnumerable<string> Names => Options.Keys;

    /// <summary>The model's folder; goes away with this object.</summary>
    public string Folder { get; }

    /// <summary>A place for its substitutes.</summary>
    public string Cache => _folder.File("cache");

    public int Vocabulary => (int)JsonNode.Parse(File.ReadAllBytes(ConfigFile))!["vocab_size"]!;

    private string ConfigFile => Path.Combine(Folder, "config.json");

    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="more">Further options of tools/random-model.</param>
    public static FamilyModel Write(string name, SafetensorsDtype dtype, string more = "")
    {
        string type = dtype switch { SafetensorsDtype.BF16 => "bf16", SafetensorsDtype.F16 => "fp16", _ => "fp32" };
        return new FamilyModel($"--layers 3 {Options[name]} --dtype {type} {more}".TrimEnd());
    }

    /// <param name="options">Of tools/random-model.</param>
    public static FamilyModel Write(string options) => new(options);

    /// <summary>The same tokens in every run.</summary>
    public int[] Tokens(int count)
    {
        var random = new Random(3);
        int vocabulary = Vocabulary;
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(vocabulary))];
    }

    /// <summary>Changes a field of the config after the weights were written for another.</summary>
    public void Set(string field, JsonNode? value)
    {
        JsonObject config = JsonNode.Parse(File.ReadAllBytes(ConfigFile))!.AsObject();
        config[field] = value;
        File.WriteAllText(ConfigFile, config.ToJsonString());
    }

    public void Dispose() => _folder.Dispose();
}
