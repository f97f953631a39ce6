using System.Collections.Immutable;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Simulation;

/// <summary>An answer that was really generated.</summary>
/// <param name="Tokens">Tokens of the answer, the first one, which belongs to the prompt, included.</param>
public sealed record RecordedAnswer(int PromptTokens, int Tokens, ImmutableArray<RoundWalk> Rounds);

/// <summary>Answers that were drafted with one kind of tree: texts that a simulation can decode again, under other schedules and trees.</summary>
/// <param name="Depth">Most tokens drafted ahead.</param>
/// <param name="Width">Most alternatives at one depth.</param>
/// <param name="MaxTokens">Tokens that were asked for: some texts end earlier.</param>
public sealed record RecordedAnswers(int Depth, int Width, int MaxTokens, ImmutableArray<RecordedAnswer> Answers)
{
    /// <summary>Shows a calibration what these answers showed the engine's: it had met such texts before the ones that are timed.</summary>
    internal void Teach(AcceptanceCalibration calibration)
    {
        foreach (RoundWalk walk in Answers.SelectMany(a => a.Rounds))
        {
            foreach (AcceptedChoice accepted in walk.Accepted)
                for (int rank = 0; rank <= accepted.Rank; rank++) calibration.Observe(rank, accepted.Margin, chosen: rank == accepted.Rank);
            if (walk.End.Margin is not { } margin) continue;
            for (int rank = 0; rank < walk.End.Held; rank++) calibration.Observe(rank, margin, chosen: false);
        }
    }
}
