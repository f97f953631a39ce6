using System.Collections.Immutable;
using System.Text.Json;
using SubSpec.Core.Generation;
using SubSpec.Core.Sampling;
using SubSpec.Server.Http.Generating;
using SubSpec.Server.Http.Requests;

namespace SubSpec.Server.Http.Completions;

/// <summary><c>/v1/completions</c>.</summary>
internal sealed class CompletionApi : IGenerationApi
{
    /// <summary>OpenAI's default.</summary>
    private const int DefaultMaxTokens = 16;

    private static readonly ImmutableArray<Parameter> Known =
    [
        new("prompt", "string|array", "text to continue, several of them, or token ids; special tokens in it are special"),
        .. SettingsReader.Parameters,
        new("logprobs", "integer", "0 to 20: report the log-probabilities of each token and of so many of the most probable ones"),
        Parameter.Refused("echo", "boolean", "answers do not repeat the prompt", "false"),
        Parameter.Refused("best_of", "integer", "every answer that is made is given", "1"),
        Parameter.Refused("suffix", "string", "text is continued, not filled in", "\"\""),
    ];

    public string Name => "completions";

    public string Summary => "Continues a text";

    public Type Response => typeof(Completion);

    public ImmutableArray<Parameter> Parameters => Known;

    public AnswerRequest Read(JsonElement body, GenerationDefaults defaults, ServeLimits limits)
    {
        var fields = new RequestFields(body, Known);
        GenerationSettings settings = SettingsReader.Read(fields, defaults, limits.Choices, fields.Whole("max_tokens", 1, int.MaxValue) ?? DefaultMaxTokens);
        return new AnswerRequest("prompt", PromptReader.Read(fields, limits), settings, fields.Whole("logprobs", 0, LogProbs.MaxTop));
    }

    public IAnswerFormat Format(AnswerContext context) => new CompletionFormat(context);
}
