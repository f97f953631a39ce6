using System.Collections.Immutable;

namespace SubSpec.Core.Trees;

/// <summary>A choice of the draft that was the target's too.</summary>
/// <param name="Rank">How many of its siblings the draft preferred to it.</param>
/// <param name="Margin">Gap of the draft's two best perturbed values there, in units of logits / temperature.</param>
public readonly record struct AcceptedChoice(int Rank, float Margin);

/// <summary>Where an acceptance walk ended.</summary>
/// <param name="Margin">The gap there; null where the tree went no further.</param>
/// <param name="Held">The draft's best so many choices were in the tree, and none was the target's.</param>
/// <param name="FirstWasRight">Whether the draft's own choice was the target's, in the tree or not; null where the draft had not looked.</param>
public readonly record struct WalkEnd(float? Margin, int Held, bool? FirstWasRight);

/// <summary>An acceptance walk as it looks to whoever wants to walk it again: how sure the draft was on the way, and how it ended.</summary>
public sealed record RoundWalk(ImmutableArray<AcceptedChoice> Accepted, WalkEnd End)
{
    /// <summary>Wrong first choices of the draft, as far as the tree went.</summary>
    public int WrongChoices => Accepted.Count(choice => choice.Rank > 0) + (End.Held > 0 ? 1 : 0);

    /// <param name="most">Tokens that the answer took, the bonus token included: it may end within the walk.</param>
    public static RoundWalk Of(TokenTree tree, Acceptance acceptance, int most)
    {
        ImmutableArray<AcceptedChoice> accepted = [.. acceptance.Nodes.Skip(1).Take(most).Select(n => new AcceptedChoice(tree.Nodes[n].Rank, tree.Nodes[n].Margin))];
        if (most <= acceptance.Accepted) return new RoundWalk(accepted, default);
        int last = acceptance.Nodes[^1], choice = tree.Nodes[last].DraftChoice;
        TreeNode[] below = [.. tree.Nodes.Where(n => n.Parent == last)];
        return new RoundWalk(accepted, new WalkEnd(below.Length > 0 ? below[0].Margin : null, below.Length, choice < 0 ? null : choice == acceptance.Bonus));
    }
}
