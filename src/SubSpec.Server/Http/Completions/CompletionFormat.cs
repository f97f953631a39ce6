using System.Collections.Immutable;
using SubSpec.Core.Generation;
using SubSpec.Server.Http.Generating;
using SubSpec.Server.Http.Responses;

namespace SubSpec.Server.Http.Completions;

/// <summary>Answers of <c>/v1/completions</c>.</summary>
internal sealed class CompletionFormat(AnswerContext context) : IAnswerFormat
{
    private readonly CompletionLogProbWriter[] _logProbs = [.. Enumerable.Range(0, context.Request.Sequences).Select(_ => new CompletionLogProbWriter(context))];

    public object Whole(ImmutableArray<GenerationResult> results, AnswerTotals totals) =>
        Body([.. results.Select((r, i) => new CompletionChoice(i, r.Text, _logProbs[i].Write(r.LogProbs), FinishReasons.Of(r.FinishReason)))]) with
        {
            Usage = totals.Usage,
            Timings = totals.Timings,
            Seed = context.Seed,
        };

    public IEnumerable<object> Opening(int choice) => [];

    public IEnumerable<object> Delta(int choice, TextDelta delta)
    {
        CompletionLogProbs? logProbs = _logProbs[choice].Write(delta.LogProbs);
        bool says = delta.Text.Length > 0 || logProbs is { Tokens.IsEmpty: false };
        return says ? [Body([new CompletionChoice(choice, delta.Text, logProbs, null)])] : [];
    }

    public IEnumerable<object> End(int choice, GenerationResult result, AnswerTotals? totals) =>
    [
        Body([new CompletionChoice(choice, "", null, FinishReasons.Of(result.FinishReason))]) with { Timings = totals?.Timings, Seed = totals is null ? null : context.Seed },
    ];

    public object Usage(AnswerTotals totals) => Body([]) with { Usage = totals.Usage };

    private Completion Body(ImmutableArray<CompletionChoice> choices) => new(context.Id, context.Created, context.Model, choices);
}
