using System.Collections.Immutable;

namespace SubSpec.Core.Schedules;

/// <summary>State of <see cref="AheadSchedule"/>. Every sequence is in exactly one of the lists, but for those that draft on while they are verified.</summary>
/// <param name="Waiting">Prompts, oldest first, and sequences whose tree is to be drafted.</param>
/// <param name="Drafting">Sequences of the open round.</param>
/// <param name="Drafted">Sequences whose trees go into the next pass.</param>
/// <param name="Verifying">Sequences of the open pass; of a prompt what is left after it.</param>
/// <param name="Pass">The next pass to start, or the one that runs.</param>
/// <param name="Round">The next round to start, or the one that runs.</param>
internal sealed record AheadState(
    ImmutableList<SequenceProgress> Waiting,
    ImmutableList<GroupMember> Drafting,
    ImmutableList<GroupMember> Drafted,
    ImmutableList<SequenceProgress> Verifying,
    PassId Pass,
    RoundId Round,
    RingLead Lead,
    RoundCosts Costs) : ScheduleState
{
    /// <summary>A round stays open until its end is reported, even when all its sequences have gone.</summary>
    public bool RoundIsOpen { get; init; }

    /// <summary>The same of a pass.</summary>
    public bool PassIsOpen { get; init; }

    /// <summary>Whether the open pass verifies nothing but drafted trees.</summary>
    public bool OnlyTrees { get; init; }

    /// <summary>The terms of the last round; null before the first.</summary>
    public RoundTerms? Terms { get; init; }

    /// <summary>Sequences that wait for their round.</summary>
    public IEnumerable<SequenceProgress> Ready => Waiting.Where(s => s.PromptLeft == 0);

    /// <summary>Prompts that no pass takes now.</summary>
    public IEnumerable<SequenceProgress> Prompts => Waiting.Where(s => s.PromptLeft > 0);

    /// <summary>Prompt rows that passes after the open one will want.</summary>
    public int PromptRowsLeft => Waiting.Sum(s => s.PromptLeft) + Verifying.Sum(s => s.PromptLeft);

    /// <summary>True while a pass after the open one is likely. A sequence may end early by itself; what the ring then holds serves the next one.</summary>
    public bool NeedsAnotherPass => !Waiting.IsEmpty || !Drafted.IsEmpty || Verifying.Any(s => s.PromptLeft > 0 || s.TokensLeft > 1);

    public AheadState Without(SequenceId gone) => this with
    {
        Waiting = Waiting.RemoveAll(s => s.Sequence == gone),
        Drafting = Drafting.RemoveAll(m => m.Sequence == gone),
        Drafted = Drafted.RemoveAll(m => m.Sequence == gone),
        Verifying = Verifying.RemoveAll(s => s.Sequence == gone),
    };

    /// <summary>
    /// The round is over: its trees are there. For whom none could be begun, the root alone is verified; while a pass is open, it is that pass's to say how they go on.
    /// </summary>
    public AheadState EndRound(ScheduleEvent.TreesDrafted drafted)
    {
        IEnumerable<GroupMember> withTree = Drafting.Where(m => drafted.Sequences.Contains(m.Sequence)), without = Drafting.Except(withTree);
        return this with
        {
            RoundIsOpen = false,
            Round = Round.Next,
            Drafted = [.. Drafted, .. withTree, .. PassIsOpen ? [] : without.Select(m => m with { LooksAhead = false })],
            Drafting = [],
            Costs = Costs.With(drafted),
        };
    }

    /// <summary>The pass is over. Who drafts on goes on with its round; of the others, unfinished prompts are older than all that wait, the rest had their turn.</summary>
    public AheadState EndPass(ScheduleEvent.PassVerified verified)
    {
        var going = verified.Going.ToDictionary(s => s.Sequence);
        ImmutableList<GroupMember> drafting = [.. Drafting.Where(m => going.ContainsKey(m.Sequence)).Select(m => m with { Progress = going[m.Sequence] })];
        SequenceProgress[] others = [.. verified.Going.Where(s => !drafting.Exists(m => m.Sequence == s.Sequence))];
        return this with
        {
            PassIsOpen = false,
            Pass = Pass.Next,
            Verifying = [],
            Drafting = drafting,
            Waiting = [.. others.Where(s => s.PromptLeft > 0), .. Waiting, .. others.Where(s => s.PromptLeft == 0)],
            Costs = Costs.With(verified, trees: OnlyTrees ? Verifying.Count : 0),
        };
    }
}
