using System.Collections.Immutable;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Schedules;

/// <summary>A sequence with the tree that it drafts, or has drafted, for the next pass.</summary>
/// <param name="Shape">Depth 0 is the root alone: nothing to draft.</param>
internal sealed record GroupMember(SequenceProgress Progress, DraftShape Shape)
{
    public SequenceId Sequence => Progress.Sequence;

    /// <summary>Its tree may grow on while it is verified.</summary>
    public bool LooksAhead { get; init; }

    /// <summary>The member, drafted on these terms.</summary>
    public GroupMember On(RoundTerms terms) => this with { Shape = Shape with { Depth = Math.Min(Shape.Depth, terms.Depth), Prices = terms.Prices, AheadWidth = terms.AheadWidth }, LooksAhead = terms.LooksAhead };
}

/// <summary>State of <see cref="GroupedSchedule"/>. Every sequence is in exactly one of the four lists.</summary>
/// <param name="Waiting">Prompts, oldest first, and sequences whose round is to come, in turn.</param>
/// <param name="Drafting">Sequences of the open round.</param>
/// <param name="Drafted">Sequences whose trees go into the next pass.</param>
/// <param name="Verifying">Sequences of the open pass; of a prompt what is left after it.</param>
/// <param name="RoundIsOpen">A round stays open until its end is reported, even when all its sequences have gone.</param>
/// <param name="PassIsOpen">The same of a pass.</param>
/// <param name="Pass">The next pass to start, or the one that runs.</param>
/// <param name="Round">The next round to start, or the one that runs.</param>
internal sealed record GroupedState(
    ImmutableList<SequenceProgress> Waiting,
    ImmutableList<GroupMember> Drafting,
    ImmutableList<GroupMember> Drafted,
    ImmutableList<SequenceProgress> Verifying,
    bool RoundIsOpen,
    bool PassIsOpen,
    PassId Pass,
    RoundId Round,
    RingLead Lead) : ScheduleState
{
    /// <summary>Sequences that wait for their round.</summary>
    public IEnumerable<SequenceProgress> Ready => Waiting.Where(s => s.PromptLeft == 0);

    /// <summary>Prompts that no pass takes now.</summary>
    public IEnumerable<SequenceProgress> Prompts => Waiting.Where(s => s.PromptLeft > 0);

    /// <summary>Prompt rows that passes after the open one will want.</summary>
    public int PromptRowsLeft => Waiting.Sum(s => s.PromptLeft) + Verifying.Sum(s => s.PromptLeft);

    public bool HasWorkForPass => !Drafted.IsEmpty || Prompts.Any();

    /// <summary>True while a pass after the open one is likely. A sequence may end early by itself; what the ring then holds serves the next one.</summary>
    public bool NeedsAnotherPass => !Waiting.IsEmpty || !Drafting.IsEmpty || !Drafted.IsEmpty || Verifying.Any(s => s.PromptLeft > 0 || s.TokensLeft > 1);

    public GroupedState Without(SequenceId gone) => this with
    {
        Waiting = Waiting.RemoveAll(s => s.Sequence == gone),
        Drafting = Drafting.RemoveAll(m => m.Sequence == gone),
        Drafted = Drafted.RemoveAll(m => m.Sequence == gone),
        Verifying = Verifying.RemoveAll(s => s.Sequence == gone),
    };

    /// <summary>The round is over: its trees are there.</summary>
    public GroupedState EndRound() => this with { RoundIsOpen = false, Round = Round.Next, Drafted = Drafted.AddRange(Drafting), Drafting = [] };

    /// <summary>The pass is over. Unfinished prompts are older than all that wait; the others had their turn.</summary>
    public GroupedState EndPass(ImmutableArray<SequenceProgress> going) => this with
    {
        PassIsOpen = false,
        Pass = Pass.Next,
        Verifying = [],
        Waiting = [.. going.Where(s => s.PromptLeft > 0), .. Waiting, .. going.Where(s => s.PromptLeft == 0)],
    };
}
