using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.AI;
using SubSpec.Core.Generation;
using SubSpec.Server.Http.Generating;
using SubSpec.Server.Http.Responses;
using SubSpec.Server.Http.Tools;

namespace SubSpec.Server.InProcess;

/// <summary>Writes one answer as updates of a chat client. The event itself (token ids, log-probabilities, what each round accepted) is an update's raw representation.</summary>
internal sealed class UpdateWriter(AnswerContext context)
{
    private readonly AnswerReader _reader = new(context.Tools);

    public IEnumerable<ChatResponseUpdate> Next(GenerationEvent happened) => happened switch
    {
        TextDelta delta => Contents(_reader.Append(delta.Text)) is { Count: > 0 } contents ? [Update(contents, delta)] : [],
        Completed completed => [End(completed)],
        _ => [],
    };

    private ChatResponseUpdate End(Completed completed)
    {
        List<AIContent> contents = Contents(_reader.End());
        var totals = AnswerTotals.Of([completed.Result], choices: 1);
        contents.Add(new UsageContent(new UsageDetails
        {
            InputTokenCount = totals.Usage.PromptTokens,
            CachedInputTokenCount = totals.Usage.PromptTokensDetails.CachedTokens,
            OutputTokenCount = totals.Usage.CompletionTokens,
            TotalTokenCount = totals.Usage.TotalTokens,
        }));
        ChatResponseUpdate update = Update(contents, completed);
        update.FinishReason = new ChatFinishReason(FinishReasons.Of(completed.Result, _reader.Calls));
        update.AdditionalProperties = new AdditionalPropertiesDictionary { ["seed"] = context.Seed };
        foreach (JsonProperty timing in JsonSerializer.SerializeToElement(totals.Timings, Json.Options).EnumerateObject()) update.AdditionalProperties[timing.Name] = timing.Value.GetDouble();
        if (context.Request.TopLogProbs is not null) update.AdditionalProperties["logprobs"] = completed.Result.LogProbs;
        return update;
    }

    private ChatResponseUpdate Update(List<AIContent> contents, GenerationEvent raw) => new(ChatRole.Assistant, contents)
    {
        ResponseId = context.Id,
        MessageId = context.Id,
        ModelId = context.Model,
        CreatedAt = DateTimeOffset.FromUnixTimeSeconds(context.Created),
        RawRepresentation = raw,
    };

    private static List<AIContent> Contents(ImmutableArray<AnswerPart> parts) => [.. parts.Select(Content).Where(c => c is not TextContent { Text.Length: 0 })];

    private static AIContent Content(AnswerPart part) => part switch
    {
        AnswerPart.Call call => new FunctionCallContent(call.Id, call.Name, JsonSerializer.Deserialize<Dictionary<string, object?>>(call.Arguments, AIJsonUtilities.DefaultOptions)),
        AnswerPart.Text text => new TextContent(text.Value),
        _ => throw new InvalidOperationException($"a part of an answer cannot be {part.GetType().Name}"),
    };
}
