using System.Collections.Immutable;
using SubSpec.Core.Generation;
using SubSpec.Server.Http.Generating;
using SubSpec.Server.Http.Responses;
using SubSpec.Server.Http.Tools;

namespace SubSpec.Server.Http.Chat;

/// <summary>Answers of <c>/v1/chat/completions</c>.</summary>
internal sealed class ChatFormat(AnswerContext context) : IAnswerFormat
{
    private readonly AnswerReader[] _readers = [.. Enumerable.Range(0, context.Request.Sequences).Select(_ => new AnswerReader(context.Tools))];

    public object Whole(ImmutableArray<GenerationResult> results, AnswerTotals totals) => new ChatCompletion(context.Id, context.Created, context.Model, [.. results.Select(Choice)])
    {
        Usage = totals.Usage,
        Timings = totals.Timings,
        Seed = context.Seed,
    };

    public IEnumerable<object> Opening(int choice) => [Chunk(new ChatChunkChoice(choice, new ChatDelta { Role = "assistant", Content = "" }, null, null))];

    public IEnumerable<object> Delta(int choice, TextDelta delta)
    {
        ChatLogProbs? logProbs = ChatLogProbWriter.Write(context, delta.LogProbs);
        return Chunks(choice, _readers[choice].Append(delta.Text), logProbs, delta.TokenIds.Length);
    }

    public IEnumerable<object> End(int choice, GenerationResult result, AnswerTotals? totals)
    {
        foreach (object chunk in Chunks(choice, _readers[choice].End(), null, null)) yield return chunk;
        string reason = FinishReasons.Of(result, _readers[choice].Calls);
        yield return Chunk(new ChatChunkChoice(choice, new ChatDelta(), null, reason)) with { Timings = totals?.Timings, Seed = totals is null ? null : context.Seed };
    }

    public object Usage(AnswerTotals totals) => new ChatChunk(context.Id, context.Created, context.Model, []) { Usage = totals.Usage };

    // Log-probabilities go out with the tokens' delta, be their text held back or not.
    private IEnumerable<object> Chunks(int choice, ImmutableArray<AnswerPart> parts, ChatLogProbs? logProbs, int? tokens)
    {
        if (parts.IsEmpty && logProbs is { Content.IsEmpty: false }) yield return Chunk(new ChatChunkChoice(choice, new ChatDelta { Content = "" }, logProbs, null));
        foreach (AnswerPart part in parts)
        {
            yield return Chunk(new ChatChunkChoice(choice, Delta(part), logProbs, null)) with { Tokens = tokens };
            (logProbs, tokens) = (null, null);
        }
    }

    private static ChatDelta Delta(AnswerPart part) => part switch
    {
        AnswerPart.Call call => new ChatDelta { ToolCalls = [Body(call) with { Index = call.Index }] },
        AnswerPart.Text text => new ChatDelta { Content = text.Value },
        _ => throw new InvalidOperationException($"a part of an answer cannot be {part.GetType().Name}"),
    };

    private ChatChoice Choice(GenerationResult result, int index)
    {
        ImmutableArray<AnswerPart> parts = [.. _readers[index].Append(result.Text), .. _readers[index].End()];
        ImmutableArray<ToolCallBody> calls = [.. parts.OfType<AnswerPart.Call>().Select(Body)];
        string text = string.Concat(parts.OfType<AnswerPart.Text>().Select(t => t.Value));
        var message = new ChatAnswer("assistant", calls.IsEmpty || text.Length > 0 ? text : null) { ToolCalls = calls.IsEmpty ? null : calls };
        return new ChatChoice(index, message, ChatLogProbWriter.Write(context, result.LogProbs), FinishReasons.Of(result, calls.Length));
    }

    private static ToolCallBody Body(AnswerPart.Call call) => new(call.Id, new FunctionCallBody(call.Name, call.Arguments));

    private ChatChunk Chunk(ChatChunkChoice choice) => new(context.Id, context.Created, context.Model, [choice]);
}
