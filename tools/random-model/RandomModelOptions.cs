using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SubSpec.Core;
using SubSpec.Torch.Models;
using SubSpec.Torch.Safetensors;

namespace SubSpec.RandomModel;

/// <summary>The command line.</summary>
internal sealed record RandomModelOptions
{
    public static readonly string Usage = $"""
        Writes a model of random weights as a Hugging Face folder, of any family, type and layout, for tests and measurements.

          random-model --out DIR [--family NAME | --config FILE] [options]

          --out            folder to make; must not exist, or be empty
          --family         {ModelFamilies.Names} (default qwen2)
          --config         takes family, sizes and everything else from this config.json (or the folder it is in)
          --hidden, --intermediate, --layers, --heads, --kv-heads, --head-dim, --vocabulary, --context
                           sizes; what is not given comes from --config, else it is that of a small model
          --tied           the head is the embedding
          --attention-bias, --mlp-bias
                           biases, where the family can have them
          --set            FIELD=JSON: any other field of config.json, such as sliding_window=64 or
                           rope_scaling={"{"}"rope_type":"linear","factor":2{"}"}; may be repeated
          --dtype          bf16 (default), fp16 or fp32; PART=TYPE for the tensors whose names contain PART, such as norm=fp32;
                           may be repeated
          --shards         files that the weights are spread over (default 1)
          --seed           of the weights (default 1)

        Matrices have a standard deviation of 1 / sqrt(inputs), norms are about 1, biases about 0. With a vocabulary of {DemoTokenizer.Tokens}
        or more the demo's tokenizer goes with the model; with a smaller one it has none and cannot run on text.
        """;

    private static readonly Dictionary<string, string> SizeFields = new()
    {
        ["--hidden"] = "hidden_size",
        ["--intermediate"] = "intermediate_size",
        ["--layers"] = "num_hidden_layers",
        ["--heads"] = "num_attention_heads",
        ["--kv-heads"] = "num_key_value_heads",
        ["--head-dim"] = "head_dim",
        ["--vocabulary"] = "vocab_size",
        ["--context"] = "max_position_embeddings",
    };

    private static readonly Dictionary<string, string> FlagFields = new()
    {
        ["--tied"] = "tie_word_embeddings",
        ["--attention-bias"] = "attention_bias",
        ["--mlp-bias"] = "mlp_bias",
    };

    public required string Out { get; init; }

    /// <summary>The family's <c>model_type</c>; null for that of <see cref="Config"/>, else qwen2.</summary>
    public string? Family { get; init; }

    /// <summary>A <c>config.json</c> to start from, or its folder; null for a small model's.</summary>
    public string? Config { get; init; }

    /// <summary>Fields that replace the config's.</summary>
    public JsonObject Fields { get; init; } = [];

    public SafetensorsDtype Dtype { get; init; } = SafetensorsDtype.BF16;

    /// <summary>Types of the tensors whose names contain a part; the last one that fits counts.</summary>
    public IReadOnlyList<(string Part, SafetensorsDtype Dtype)> PartDtypes { get; init; } = [];

    public int Shards { get; init; } = 1;

    public long Seed { get; init; } = 1;

    /// <exception cref="BadInputException">An unknown option, or a value that is none.</exception>
    public static RandomModelOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new RandomModelOptions { Out = "" };
        var parts = new List<(string, SafetensorsDtype)>();
        for (int i = 0; i < arguments.Count; i++)
        {
            string[] split = arguments[i].Split('=', 2);
            string name = split[0];
            if (FlagFields.TryGetValue(arguments[i], out string? flag))
            {
                options.Fields[flag] = true;
                continue;
            }
            if (split.Length == 1 && i + 1 == arguments.Count) throw new BadInputException($"{name}: an unknown option, or its value is missing. See --help.");
            string value = split.Length == 2 ? split[1] : arguments[++i];
            if (SizeFields.TryGetValue(name, out string? size)) options.Fields[size] = Number(name, value, 1, int.MaxValue);
            else if (name == "--set") Set(options.Fields, value);
            else if (name == "--dtype" && value.Split('=') is [string part, string type]) parts.Add((part, DtypeOf(type)));
            else options = options.With(name, value);
        }
        if (options.Out.Length == 0) throw new BadInputException("--out DIR is missing. See --help.");
        if (options is { Family: not null, Config: not null }) throw new BadInputException("--family and --config: give one of them, the config has its own family.");
        return options with { PartDtypes = parts };
    }

    private RandomModelOptions With(string name, string value) => name switch
    {
        "--out" => this with { Out = value },
        "--family" => this with { Family = value },
        "--config" => this with { Config = value },
        "--dtype" => this with { Dtype = DtypeOf(value) },
        "--shards" => this with { Shards = (int)Number(name, value, 1, 9999) },
        "--seed" => this with { Seed = Number(name, value, long.MinValue, long.MaxValue) },
        _ => throw new BadInputException($"unknown option {name}. See --help."),
    };

    private static long Number(string option, string text, long least, long most) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) && value >= least && value <= most
            ? value
            : throw new BadInputException($"{option} {text}: a whole number from {least} to {most} is expected.");

    private static void Set(JsonObject fields, string assignment)
    {
        if (assignment.Split('=', 2) is not [{ Length: > 0 } field, string json]) throw new BadInputException($"--set {assignment}: FIELD=JSON is expected.");
        try
        {
            fields[field] = JsonNode.Parse(json);
        }
        catch (JsonException e)
        {
            throw new BadInputException($"--set {assignment}: {json} is no JSON; text needs quotes.", e);
        }
    }

    private static SafetensorsDtype DtypeOf(string text) => text switch
    {
        "bf16" => SafetensorsDtype.BF16,
        "fp16" => SafetensorsDtype.F16,
        "fp32" => SafetensorsDtype.F32,
        _ => throw new BadInputException($"--dtype {text}: bf16, fp16 or fp32 is expected."),
    };
}
