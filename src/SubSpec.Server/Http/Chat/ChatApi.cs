using System.Collections.Immutable;
using System.Text.Json;
using SubSpec.Core.Generation;
using SubSpec.Core.Sampling;
using SubSpec.Core.Text;
using SubSpec.Server.Http.Errors;
using SubSpec.Server.Http.Generating;
using SubSpec.Server.Http.Requests;

namespace SubSpec.Server.Http.Chat;

/// <summary><c>/v1/chat/completions</c>.</summary>
internal sealed class ChatApi : IGenerationApi
{
    private static readonly ImmutableArray<Parameter> Known =
    [
        new("messages", "array", "the conversation: system or developer, user, assistant and tool messages; content is a string, or parts of type text"),
        .. SettingsReader.Parameters,
        new("max_completion_tokens", "integer", "as max_tokens, and stronger; without both, as many as the context holds"),
        new("logprobs", "boolean", "report the log-probability of each token of the answer"),
        new("top_logprobs", "integer", "0 to 20: and of the most probable ones beside it"),
        new("tools", "array", "functions, for models whose chat template and calls are known (Qwen, Llama 3)"),
        new("tool_choice", "string", "auto or none; others cannot be promised and are refused"),
        new("response_format", "object", "type text; json_object and json_schema cannot be promised and are refused"),
        Parameter.Refused("parallel_tool_calls", "boolean", "the model decides how many calls it makes", "true"),
        Parameter.Refused("functions", "array", "give tools instead"),
        Parameter.Refused("function_call", "string|object", "give tool_choice instead"),
        Parameter.Refused("modalities", "array", "answers are text", "[\"text\"]"),
        Parameter.Refused("audio", "object", "answers are text"),
        Parameter.Refused("prediction", "object", "the service drafts by itself"),
        Parameter.Refused("reasoning_effort", "string", "the model decides how it reasons"),
        Parameter.Refused("verbosity", "string", "the model decides how much it says"),
        Parameter.Refused("web_search_options", "object", "the service reaches nothing"),
        Parameter.Refused("chat_template", "string", "only the model's own template is used"),
        Parameter.Refused("chat_template_kwargs", "object", "only the model's own template is used, as it is"),
    ];

    public string Name => "chat.completions";

    public string Summary => "Answers a conversation";

    public Type Response => typeof(ChatCompletion);

    public ImmutableArray<Parameter> Parameters => Known;

    public AnswerRequest Read(JsonElement body, GenerationDefaults defaults, ServeLimits limits)
    {
        var fields = new RequestFields(body, Known);
        int? most = fields.Whole("max_tokens", 1, int.MaxValue);
        GenerationSettings settings = SettingsReader.Read(fields, defaults, limits.Choices, fields.Whole("max_completion_tokens", 1, int.MaxValue) ?? most);
        ResponseFormat(fields);
        JsonElement? tools = ToolsReader.Read(fields);
        ImmutableArray<ChatMessage> messages = MessageReader.Read(fields, limits);
        return new AnswerRequest("messages", [new Prompt.Chat(messages, tools is null ? null : new ChatVariables(tools))], settings, TopLogProbs(fields));
    }

    public IAnswerFormat Format(AnswerContext context) => new ChatFormat(context);

    private static int? TopLogProbs(RequestFields fields)
    {
        bool wanted = fields.Flag("logprobs") ?? false;
        int? top = fields.Whole("top_logprobs", 0, LogProbs.MaxTop);
        if (top is not null && !wanted) throw ApiException.Bad("top_logprobs", "'top_logprobs' needs 'logprobs': set it to true, or leave both out");
        return wanted ? top ?? 0 : null;
    }

    private static void ResponseFormat(RequestFields fields)
    {
        if (fields.Find("response_format") is not { } json) return;
        string path = "response_format.";
        if (json.ValueKind == JsonValueKind.Object && json.TryGetProperty("type", out JsonElement type) && type.ValueEquals("text"u8))
        {
            _ = new RequestFields(json, [new Parameter("type", "string", "text")], path);
            return;
        }
        throw ApiException.Unsupported("response_format", "'response_format' is supported with type 'text' only: ask for JSON in a message, or leave it out");
    }
}
