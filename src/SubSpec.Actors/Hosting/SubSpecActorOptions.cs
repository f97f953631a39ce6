using SubSpec.Core;
using SubSpec.Core.Engine;
using SubSpec.Core.Kv;
using SubSpec.Core.Schedules;
using SubSpec.Core.Text;
using SubSpec.Core.Timeline;

namespace SubSpec.Actors.Hosting;

/// <summary>What the actors of one device are made of.</summary>
public sealed record SubSpecActorOptions
{
    /// <summary>Builds the engine. Called on the compute thread, again after a failure; <see cref="BadInputException"/> ends the service's engine.</summary>
    public required Func<IEngine> Engine { get; init; }

    public required ITextCodec Codec { get; init; }

    public required ISchedule Schedule { get; init; }

    /// <summary>Rows of the largest tree that the schedule drafts: KV slots beyond prompt and output.</summary>
    public required int TreeRows { get; init; }

    /// <summary>Requests that run at once.</summary>
    public int MaxSessions { get; init; } = 8;

    /// <summary>Requests that may wait for others to end; more are rejected.</summary>
    public int MaxWaiting { get; init; } = 32;

    /// <summary>Of them, those that may wait for one session.</summary>
    public int MaxWaitingOfSession { get; init; } = 4;

    /// <summary>How long a session's KV is kept before that of others, after its last answer.</summary>
    public TimeSpan SessionIdle { get; init; } = KvLedger.DefaultSessionIdle;

    /// <summary>Prompts that are encoded at once.</summary>
    public int Tokenizers { get; init; } = 2;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Takes note of who works when, by the clock of <see cref="Time"/>.</summary>
    public ITimeline Timeline { get; init; } = ITimeline.Off;

    internal void Validate()
    {
        Check(TreeRows, nameof(TreeRows), 1);
        Check(MaxSessions, nameof(MaxSessions), 1);
        Check(MaxWaiting, nameof(MaxWaiting), 0);
        Check(MaxWaitingOfSession, nameof(MaxWaitingOfSession), 0);
        if (SessionIdle < TimeSpan.Zero) throw new BadInputException($"{nameof(SessionIdle)} {SessionIdle} is out of range: give 0 or more");
        Check(Tokenizers, nameof(Tokenizers), 1);
    }

    private static void Check(int value, string name, int least)
    {
        if (value < least) throw new BadInputException($"{name} {value} is out of range: give {least} or more");
    }
}
