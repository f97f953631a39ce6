using System.Collections.Immutable;
using SubSpec.Core.Generation;

namespace SubSpec.Cli.Bench;

/// <summary>Whether every case chose the same tokens for the same prompt.</summary>
/// <param name="Identical">Null when no prompt was answered in two ways.</param>
/// <param name="TokensCompared">Tokens that stood against a longest answer of another measurement.</param>
/// <param name="Difference">The first difference, for people; null for none.</param>
internal sealed record Identity(bool? Identical, int TokensCompared, string? Difference)
{
    public static Identity Of(IEnumerable<BenchSample> samples)
    {
        int compared = 0;
        bool several = false;
        foreach (IGrouping<int, Answer> answers in samples.SelectMany(Answers).GroupBy(a => a.Prompt).OrderBy(g => g.Key))
        {
            // What agrees with the longest answer agrees with every other.
            Answer longest = answers.MaxBy(a => a.Tokens.Length)!;
            foreach (Answer answer in answers.Where(a => a != longest))
            {
                several |= answer.Case != longest.Case;
                compared += answer.Tokens.Length;
                if (DifferenceAt(answer, longest) is { } at)
                    return new Identity(false, compared, $"prompt {answer.Prompt + 1}, token {at + 1}: {answer.Case} and {longest.Case} differ");
            }
        }
        return new Identity(several ? true : null, compared, null);
    }

    private static int? DifferenceAt(Answer answer, Answer longest)
    {
        for (int i = 0; i < answer.Tokens.Length; i++)
            if (answer.Tokens[i] != longest.Tokens[i]) return i;
        bool endedEarly = answer.Reason == FinishReason.Stop && answer.Tokens.Length < longest.Tokens.Length;
        return endedEarly ? answer.Tokens.Length : null;
    }

    private static IEnumerable<Answer> Answers(BenchSample sample) => sample.Step.Prompts.Zip(
        sample.Measurement.Results, (prompt, result) => new Answer(prompt, sample.Step.Case, result.TokenIds, result.FinishReason));

    private sealed record Answer(int Prompt, BenchCase Case, ImmutableArray<int> Tokens, FinishReason Reason);
}
