using System.Collections.Immutable;

namespace SubSpec.Core.Simulation;

/// <summary>An answer that was really generated.</summary>
/// <param name="Tokens">Tokens of the answer, the first one, which belongs to the prompt, included.</param>
/// <param name="Accepted">Draft tokens that each round accepted, in order.</param>
public sealed record RecordedAnswer(int PromptTokens, int Tokens, ImmutableArray<int> Accepted);

/// <summary>Answers that were drafted with one kind of tree: texts that a simulation can decode again, under other schedules and trees.</summary>
/// <param name="Depth">Most tokens drafted ahead.</param>
/// <param name="Width">Most alternatives at one depth.</param>
/// <param name="Floor">Least score of what was drafted.</param>
/// <param name="MaxTokens">Tokens that were asked for: some texts end earlier.</param>
public sealed record RecordedAnswers(int Depth, int Width, double Floor, int MaxTokens, ImmutableArray<RecordedAnswer> Answers);

/// <summary>
/// Where in a text the draft's trees held the target's choice and where they did not, as far as the rounds of a recorded answer show
/// it. Position 1 is the token that belongs to the prompt.
/// </summary>
internal sealed class RecordedWalk
{
    private readonly bool?[] _held;

    public RecordedWalk(RecordedAnswers kind, RecordedAnswer answer)
    {
        (Width, Floor) = (kind.Width, kind.Floor);
        _held = new bool?[answer.Tokens + 2];
        int position = 1;
        for (int round = 0; round < answer.Accepted.Length; round++)
        {
            int accepted = answer.Accepted[round], left = kind.MaxTokens - position;
            for (int i = 0; i < accepted; i++) Note(++position, true);
            // A tree that is accepted to its end shows nothing of what comes next, nor does a round that ends the answer.
            bool toItsEnd = accepted >= Math.Min(kind.Depth, left - 1) || round == answer.Accepted.Length - 1;
            Note(++position, toItsEnd ? null : false);
        }
    }

    public int Width { get; }

    public double Floor { get; }

    /// <summary>Whether trees held the choice at a position; null where that is not known.</summary>
    public bool? Held(int position) => (uint)position < (uint)_held.Length ? _held[position] : null;

    private void Note(int position, bool? held)
    {
        if (position < _held.Length) _held[position] = held;
    }
}
