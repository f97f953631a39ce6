using System.Collections.Immutable;
using SubSpec.Core.Generation;

namespace SubSpec.Server.Http.Responses;

/// <summary>What all choices of an answer took together.</summary>
internal sealed record AnswerTotals(Usage Usage, Timings Timings)
{
    /// <param name="results">In the order of the choices: those of a prompt stand together.</param>
    /// <param name="choices">Choices of each prompt.</param>
    public static AnswerTotals Of(ImmutableArray<GenerationResult> results, int choices)
    {
        IEnumerable<GenerationResult> prompts = results.Where((_, i) => i % choices == 0);
        int tokens = results.Sum(r => r.TokenIds.Length), rounds = results.Sum(r => r.Rounds), accepted = results.Sum(Accepted);
        // The clocks of choices that ran together are one clock.
        double first = results.Min(r => r.Times.FirstTokenSeconds), last = results.Max(r => r.Times.LastTokenSeconds), decode = last - first;
        int later = results.Sum(r => Math.Max(0, r.TokenIds.Length - 1));
        return new AnswerTotals(
            new Usage(prompts.Sum(r => r.PromptTokens), tokens, new PromptTokensDetails(prompts.Sum(r => r.CachedTokens))),
            new Timings(
                results.Max(r => r.Times.QueueSeconds),
                results.Max(r => r.Times.PrefillSeconds),
                decode,
                decode > 0 ? later / decode : 0,
                rounds == 0 ? 0 : (double)accepted / rounds,
                rounds,
                accepted));
    }

    private static int Accepted(GenerationResult result) => result.AcceptanceHistogram.Select((rounds, accepted) => rounds * accepted).Sum();
}
