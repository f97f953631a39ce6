using System.Collections.Immutable;
using SubSpec.Core;
using SubSpec.Core.Sampling;
using SubSpec.Core.Schedules;

namespace SubSpec.Actors.Scheduling;

/// <summary>Session to scheduler: generate after these tokens. The sender gets the tokens.</summary>
internal sealed record EnqueueSequence(SequenceId Sequence, ImmutableArray<int> Prompt, SamplingOptions Sampling, int MaxTokens)
{
    /// <summary>As in <see cref="Core.Engine.PassRows.TopLogProbs"/>.</summary>
    public int? TopLogProbs { get; init; }

    /// <summary>As in <see cref="Core.Generation.GenerationRequest.Scope"/>.</summary>
    public string Scope { get; init; } = "";

    /// <summary>True for a turn of a session: another one is to be expected.</summary>
    public bool OfSession { get; init; }
}

/// <summary>Session to scheduler: a stop string ends the sequence after its first <paramref name="KeepTokens"/> output tokens.</summary>
internal sealed record SequenceStopped(SequenceId Sequence, int KeepTokens);

/// <summary>Session to scheduler: nobody wants the sequence any more.</summary>
internal sealed record AbortSequence(SequenceId Sequence);

/// <summary>Client to scheduler: go on with this schedule once nothing is in flight. Answered by <see cref="ScheduleInUse"/>.</summary>
internal sealed record UseSchedule(ISchedule Schedule);

/// <summary>The schedule that is in force now.</summary>
internal sealed record ScheduleInUse(string Name);

/// <summary>Why a sequence's tokens end.</summary>
internal enum Finish
{
    None,

    /// <summary>The last token is an end-of-text token.</summary>
    EndOfText,

    /// <summary>Max tokens or the context are reached.</summary>
    Length,
}

/// <summary>When things happened to a sequence, as timestamps of the service's <see cref="TimeProvider"/>; 0 for not yet.</summary>
internal readonly record struct SequenceTimes(long Enqueued, long Started, long FirstToken, long LastToken);
