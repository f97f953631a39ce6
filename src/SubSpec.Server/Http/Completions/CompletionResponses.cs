using System.Collections.Immutable;
using SubSpec.Server.Http.Responses;

namespace SubSpec.Server.Http.Completions;

/// <summary>A whole answer of <c>/v1/completions</c>, or a chunk of one.</summary>
internal sealed record Completion(string Id, long Created, string Model, ImmutableArray<CompletionChoice> Choices) : AnswerFigures
{
    public string Object => "text_completion";
}

/// <param name="FinishReason">Null in chunks that are not a choice's last.</param>
internal sealed record CompletionChoice(int Index, string Text, CompletionLogProbs? Logprobs, string? FinishReason);

/// <summary>Lists with an item for each token.</summary>
/// <param name="TextOffset">Where the token begins in the answer's text.</param>
internal sealed record CompletionLogProbs(
    ImmutableArray<string> Tokens,
    ImmutableArray<double> TokenLogprobs,
    ImmutableArray<IReadOnlyDictionary<string, double>> TopLogprobs,
    ImmutableArray<int> TextOffset);
