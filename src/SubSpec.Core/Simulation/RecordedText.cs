using SubSpec.Core.Trees;

namespace SubSpec.Core.Simulation;

/// <summary>What a recorded answer shows of its text: the draft's choices position by position. Position 1 is the token that belongs to the prompt.</summary>
internal sealed class RecordedText
{
    private readonly RecordedChoice[] _choices;

    public RecordedText(RecordedAnswer answer)
    {
        _choices = [.. Enumerable.Repeat(RecordedChoice.Unknown, answer.Tokens + 2)];
        int position = 1;
        foreach (RoundWalk walk in answer.Rounds)
        {
            foreach (AcceptedChoice accepted in walk.Accepted) Note(++position, new RecordedChoice(accepted.Margin, accepted.Rank, accepted.Rank));
            WalkEnd end = walk.End;
            Note(++position, new RecordedChoice(end.Margin, end.FirstWasRight == true ? 0 : null, Math.Max(end.Held, end.FirstWasRight == false ? 1 : 0)));
        }
    }

    /// <summary>What is known of a position.</summary>
    public RecordedChoice this[int position] => (uint)position < (uint)_choices.Length ? _choices[position] : RecordedChoice.Unknown;

    private void Note(int position, RecordedChoice choice)
    {
        if (position < _choices.Length) _choices[position] = choice;
    }
}

/// <summary>One position of a recorded text.</summary>
/// <param name="Gap">Of the draft's two best choices; null where it was not noted.</param>
/// <param name="Rank">The target's choice among the draft's; null where the tree did not hold it.</param>
/// <param name="LeastRank">The least that it can be then.</param>
internal readonly record struct RecordedChoice(double? Gap, int? Rank, int LeastRank)
{
    public static RecordedChoice Unknown { get; } = new(null, null, 0);
}
