using System.Collections.Immutable;
using SubSpec.Core.Engine;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Schedules;

/// <summary>
/// When to draft, stream and verify what: a pure state machine without clock, actor or tensor. The scheduler actor turns its
/// commands into messages; a simulator can turn them into events on a virtual clock.
/// </summary>
public interface ISchedule
{
    /// <summary>The name that <c>--schedule</c> takes.</summary>
    string Name { get; }

    /// <summary>The state of an engine without work whose next pass and round have these numbers.</summary>
    ScheduleState Start(PassId pass, RoundId round);

    /// <summary>The state of a new engine.</summary>
    ScheduleState Start() => Start(new PassId(1), new RoundId(1));

    /// <summary>The same where this schedule was in use before, with what it has learned of the engine by then.</summary>
    /// <param name="earlier">Its last state.</param>
    ScheduleState Resume(ScheduleState earlier, PassId pass, RoundId round) => Start(pass, round);

    /// <summary>What to do next, and the state after it. Events of rounds and passes that are over must change nothing.</summary>
    (ScheduleState State, ImmutableArray<ScheduleCommand> Commands) Next(ScheduleState state, ScheduleEvent happened);

    /// <summary>Why the schedule does what it does, as numbers by name, for statistics; empty where there is nothing to explain.</summary>
    ImmutableSortedDictionary<string, double> Explain(ScheduleState state) => ImmutableSortedDictionary<string, double>.Empty;
}

/// <summary>Whatever a schedule has to remember.</summary>
public abstract record ScheduleState;

/// <summary>How far a sequence is.</summary>
/// <param name="PromptLeft">Prompt tokens that no pass has taken yet; 0 once the first token is chosen.</param>
/// <param name="TokensLeft">Tokens that may still be chosen, by limit and context.</param>
public sealed record SequenceProgress(SequenceId Sequence, int PromptLeft, int TokensLeft);

/// <summary>Something the engine tells a schedule.</summary>
public abstract record ScheduleEvent
{
    /// <summary>A sequence holds its KV slots and can run.</summary>
    public sealed record SequenceReady(SequenceProgress Progress) : ScheduleEvent;

    /// <summary>A draft round has ended. Sequences that have gone meanwhile are not in it.</summary>
    public sealed record TreesDrafted(RoundId Round, ImmutableArray<SequenceId> Sequences) : ScheduleEvent
    {
        /// <summary>What its steps took, in order.</summary>
        public ImmutableArray<WorkTime> Steps { get; init; } = [];
    }

    /// <summary>A pass has ended. Sequences that have finished or gone are not in it.</summary>
    public sealed record PassVerified(PassId Pass, ImmutableArray<SequenceProgress> Going) : ScheduleEvent
    {
        /// <summary>What it took, and what it was good for.</summary>
        public PassTimes Times { get; init; }
    }

    /// <summary>A sequence is over or cancelled.</summary>
    public sealed record SequenceGone(SequenceId Sequence) : ScheduleEvent;
}

/// <summary>Something a schedule wants done.</summary>
public abstract record ScheduleCommand
{
    /// <summary>Let the ring run ahead into this pass.</summary>
    public sealed record StreamAhead(PassId Pass) : ScheduleCommand;

    /// <summary>Draft trees for these sequences. A round that may not step at once is ordered after the pass that grants its steps.</summary>
    public sealed record StartDraft(RoundId Round, ImmutableArray<DraftOrder> Orders, StepGrants Grants) : ScheduleCommand;

    /// <summary>Run a pass over these sequences' rows.</summary>
    public sealed record StartPass(PassId Pass, ImmutableArray<PassOrder> Orders, StepGrants Grants) : ScheduleCommand;
}

/// <summary>One sequence of a draft round.</summary>
public sealed record DraftOrder(SequenceId Sequence, DraftShape Shape)
{
    /// <summary>The tree may be continued by the next round while a pass verifies it; costs one more draft step.</summary>
    public bool LooksAhead { get; init; }

    /// <summary>
    /// Continues the sequence's last tree, which the open pass verifies, or the prompt that ends in it. The round outlives that pass: it is
    /// re-rooted at the token that the pass chooses, then drafts the rest, or anew where nothing was drafted below that token.
    /// </summary>
    public bool Continues { get; init; }
}

/// <summary>One sequence of a pass.</summary>
/// <param name="PromptRows">Rows of a prompt chunk; 0 verifies the sequence's tree (or its root alone).</param>
public sealed record PassOrder(SequenceId Sequence, int PromptRows);
