using SubSpec.Core.Schedules;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Tests.Schedules;

/// <summary>What a run of <see cref="ScheduleHarness"/> is like, and what the schedule may do beyond the serial ones.</summary>
/// <param name="Sequences">Sequences that arrive in the course of the run.</param>
/// <param name="Cancels">True where sequences may be cancelled at any moment.</param>
/// <param name="MostTurnsWaiting">
/// Passes that may start without a sequence that waits; null: as many as there are sequences. A prompt waits only in passes that take no older one.
/// </param>
internal sealed record HarnessRules(
    ScheduleSettings Settings,
    int Sequences = 5,
    bool Cancels = true,
    int? MostTurnsWaiting = null)
{
    /// <summary>Settings of every kind: plain decoding, short chunks, trees deeper than any sequence is long, passes with fewer rows than sequences.</summary>
    public static HarnessRules Random(Random random)
    {
        var shape = new DraftShape(random.Next(0, 4) * random.Next(1, 10), random.Next(1, 5), 0.01, random.Next(2, 64));
        var settings = new ScheduleSettings(shape with { Depth = Math.Min(shape.Depth, shape.MaxNodes - 1) }, random.Next(1, 40));
        settings = settings with { PassRows = settings.PassRows + random.Next(2) * random.Next(150) };
        return new HarnessRules(settings, Sequences: random.Next(1, 8), Cancels: random.Next(2) == 0);
    }
}

/// <summary>What happened in a run.</summary>
internal sealed record HarnessReport(int Passes, int DraftRounds, int StreamsAhead, int Finished, int Cancelled, int TokensChosen, int RoundsInsidePasses, int PromptsContinued);

/// <summary>A schedule broke one of the rules that every schedule must keep.</summary>
internal sealed class ScheduleViolationException(string message) : Exception(message);
