using System.Collections.Immutable;
using System.Text.Json.Serialization;
using SubSpec.Server.Http.Responses;

namespace SubSpec.Server.Http.Chat;

/// <summary>A whole answer of <c>/v1/chat/completions</c>.</summary>
internal sealed record ChatCompletion(string Id, long Created, string Model, ImmutableArray<ChatChoice> Choices) : AnswerFigures
{
    public string Object => "chat.completion";
}

internal sealed record ChatChoice(int Index, ChatAnswer Message, ChatLogProbs? Logprobs, string FinishReason);

/// <param name="Content">Null where there are only tool calls.</param>
internal sealed record ChatAnswer(string Role, string? Content)
{
    /// <summary>Always null: the model's refusals are text.</summary>
    public string? Refusal => null;

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<ToolCallBody>? ToolCalls { get; init; }
}

/// <summary>A chunk of a streamed answer.</summary>
internal sealed record ChatChunk(string Id, long Created, string Model, ImmutableArray<ChatChunkChoice> Choices) : AnswerFigures
{
    public string Object => "chat.completion.chunk";

    /// <summary>How many tokens a round (or several, for a slow reader) brought at once; an extension to OpenAI's API.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Tokens { get; init; }
}

internal sealed record ChatChunkChoice(int Index, ChatDelta Delta, ChatLogProbs? Logprobs, string? FinishReason);

internal sealed record ChatDelta
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Role { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Content { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<ToolCallBody>? ToolCalls { get; init; }
}

internal sealed record ToolCallBody(string Id, FunctionCallBody Function)
{
    public string Type => "function";

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Index { get; init; }
}

/// <param name="Arguments">JSON, as text.</param>
internal sealed record FunctionCallBody(string Name, string Arguments);

internal sealed record ChatLogProbs(ImmutableArray<ChatTokenLogProb> Content)
{
    public ImmutableArray<ChatTokenLogProb>? Refusal => null;
}

internal sealed record ChatTokenLogProb(string Token, double Logprob, ImmutableArray<int> Bytes, ImmutableArray<RankedTokenLogProb> TopLogprobs);

internal sealed record RankedTokenLogProb(string Token, double Logprob, ImmutableArray<int> Bytes);
