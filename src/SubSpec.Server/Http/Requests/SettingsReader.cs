using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using SubSpec.Core.Generation;
using SubSpec.Core.Sampling;
using SubSpec.Server.Http.Errors;

namespace SubSpec.Server.Http.Requests;

/// <summary>Reads what both APIs have in common. What a request leaves open is as the model's makers want it, else as OpenAI has it.</summary>
internal static class SettingsReader
{
    private const int MaxStopCharacters = 1024;
    private const int MaxBiases = 1024;
    private static readonly Parameter[] StreamOptions =
    [
        new("include_usage", "boolean", "end the stream with a chunk that has usage and no choices"),
        Parameter.Refused("include_obfuscation", "boolean", "chunks are not padded", "false"),
    ];

    /// <summary>The parameters that <see cref="Read"/> reads.</summary>
    public static ImmutableArray<Parameter> Parameters { get; } =
    [
        new("model", "string", "the name of the loaded model; may be left out"),
        new("max_tokens", "integer", "most tokens of an answer"),
        new("temperature", "number", "0 to 100; 0 takes the best token always (default: the model's, else 1)"),
        new("top_p", "number", "above 0 to 1 (default: the model's, else 1)"),
        new("top_k", "integer", "keep the k best tokens; 0 or -1 keeps all (default: the model's, else 0)"),
        new("min_p", "number", "0 to 1: keep tokens at least this share as probable as the best (default: the model's, else 0)"),
        new("repetition_penalty", "number", "0.01 to 10, over prompt and answer (default: the model's, else 1)"),
        new("presence_penalty", "number", "-2 to 2, over the answer"),
        new("frequency_penalty", "number", "-2 to 2, over the answer"),
        new("logit_bias", "object", "token ids to -100 to 100, added to the logits"),
        new("seed", "integer", "the same seed gives the same tokens, always; the one in force is in every answer"),
        new("stop", "string|array", "up to 16 texts that end the answer and are not part of it"),
        new("n", "integer", "answers to each prompt, each with noise of its own"),
        new("stream", "boolean", "answer with server-sent events"),
        new("stream_options", "object", "include_usage"),
        new("user", "string", "accepted; it changes nothing"),
        new("prompt_cache_key", "string", "names the conversation, as the header X-Session-Id does"),
        Parameter.Refused("store", "boolean", "nothing is stored", "false"),
        Parameter.Refused("metadata", "object", "nothing is stored", "{}"),
        Parameter.Refused("service_tier", "string", "there is one tier", "\"auto\"", "\"default\""),
    ];

    /// <param name="most">Most answers to each prompt.</param>
    public static GenerationSettings Read(RequestFields fields, GenerationDefaults defaults, int most, int? maxTokens)
    {
        bool stream = fields.Flag("stream") ?? false;
        return new GenerationSettings
        {
            Model = fields.Text("model"),
            Sampling = Sampling(fields, defaults),
            Seed = fields.Long("seed", long.MinValue, long.MaxValue),
            MaxTokens = maxTokens,
            Stop = Stop(fields),
            Choices = fields.Whole("n", 1, most) ?? 1,
            Stream = stream,
            IncludeUsage = IncludeUsage(fields, stream),
            CacheKey = fields.Text("prompt_cache_key"),
        };
    }

    private static SamplingOptions Sampling(RequestFields fields, GenerationDefaults defaults)
    {
        // Read for its type alone: it is promised to change nothing.
        fields.Text("user");
        var sampling = new SamplingOptions
        {
            Temperature = fields.Number("temperature", 0, 100) ?? defaults.Temperature ?? 1,
            TopP = fields.Number("top_p", 0, 1) ?? defaults.TopP ?? 1,
            TopK = Math.Max(0, fields.Whole("top_k", -1, int.MaxValue) ?? defaults.TopK ?? 0),
            MinP = fields.Number("min_p", 0, 1) ?? defaults.MinP ?? 0,
            RepetitionPenalty = fields.Number("repetition_penalty", 0.01, 10) ?? defaults.RepetitionPenalty ?? 1,
            PresencePenalty = fields.Number("presence_penalty", -2, 2) ?? 0,
            FrequencyPenalty = fields.Number("frequency_penalty", -2, 2) ?? 0,
            LogitBias = LogitBias(fields),
        };
        if (sampling.TopP == 0) throw ApiException.Bad("top_p", "'top_p' is 0: give more than 0, or leave it out");
        if (sampling.Temperature is > 0 and < 1e-9) throw ApiException.Bad("temperature", "'temperature' is too close to 0: give 0, or 1e-9 or more");
        return sampling;
    }

    private static ImmutableDictionary<int, float> LogitBias(RequestFields fields)
    {
        if (fields.Find("logit_bias") is not { } json) return ImmutableDictionary<int, float>.Empty;
        if (json.ValueKind != JsonValueKind.Object) throw fields.Wrong("logit_bias", "an object of token ids and numbers");
        if (json.GetPropertyCount() > MaxBiases) throw ApiException.Bad("logit_bias", $"'logit_bias' has too many tokens: give at most {MaxBiases}");
        var biases = new Dictionary<int, float>();
        foreach (JsonProperty bias in json.EnumerateObject())
        {
            if (!int.TryParse(bias.Name, NumberStyles.None, CultureInfo.InvariantCulture, out int token))
                throw ApiException.Bad("logit_bias", $"'{bias.Name}' in 'logit_bias' is no token id: give a whole number");
            if (bias.Value.ValueKind != JsonValueKind.Number || !bias.Value.TryGetSingle(out float value) || value is not (>= -100 and <= 100))
                throw ApiException.Bad("logit_bias", $"the bias of token {token} in 'logit_bias' is {bias.Value.GetRawText()}: give a number from -100 to 100");
            // 5 and 05 are one token.
            if (!biases.TryAdd(token, value)) throw ApiException.Bad("logit_bias", $"token {token} is in 'logit_bias' twice: give it once");
        }
        return biases.ToImmutableDictionary();
    }

    private static ImmutableArray<string> Stop(RequestFields fields)
    {
        ImmutableArray<string> stops = fields.Find("stop") switch
        {
            null => [],
            { ValueKind: JsonValueKind.String } text => [text.GetString()!],
            { ValueKind: JsonValueKind.Array } => [.. fields.Items("stop", GenerationRequest.MaxStops)!.Value.Select(Text)],
            _ => throw fields.Wrong("stop", "a string or an array of strings"),
        };
        if (stops.Any(s => s.Length is 0 or > MaxStopCharacters))
            throw ApiException.Bad("stop", $"a text in 'stop' is empty or longer than {MaxStopCharacters} characters: shorten it, or leave it out");
        return stops;

        static string Text(JsonElement item, int index) => item.ValueKind == JsonValueKind.String
            ? item.GetString()!
            : throw ApiException.Bad($"stop[{index}]", $"'stop[{index}]' must be a string, not {RequestFields.Kind(item)}");
    }

    private static bool IncludeUsage(RequestFields fields, bool stream)
    {
        if (fields.Find("stream_options") is not { } json) return false;
        if (!stream) throw ApiException.Bad("stream_options", "'stream_options' has a meaning in streams only: set 'stream' to true, or leave it out");
        return new RequestFields(json, StreamOptions, "stream_options.").Flag("include_usage") ?? false;
    }
}
