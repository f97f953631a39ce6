using SubSpec.Actors.Verifying;
using SubSpec.Core.Engine;
using SubSpec.Core.Schedules;

namespace SubSpec.Actors.Scheduling;

/// <summary>Tells a schedule what passes take: compute, link, and from one pass's end to the next one's.</summary>
internal sealed class PassClock(TimeProvider time)
{
    private static readonly LinkStats Nothing = new(0, 0, true);

    private LinkStats _link = Nothing;
    private double _secondsPerByte;
    private long? _cycleStart;

    /// <summary>A round or a pass begins.</summary>
    public void Begin() => _cycleStart ??= time.GetTimestamp();

    /// <summary>Nothing is in flight: time that passes now belongs to no pass.</summary>
    public void Rest() => _cycleStart = null;

    /// <summary>The link of a new engine counts from 0.</summary>
    public void Restart() => (_link, _cycleStart) = (Nothing, null);

    /// <summary>A pass has ended, and the next cycle begins.</summary>
    /// <param name="tokens">Tokens that it chose.</param>
    /// <param name="wrongChoices">See <see cref="PassTimes.WrongChoices"/>.</param>
    public PassTimes End(PassFigures figures, int tokens, int wrongChoices)
    {
        long now = time.GetTimestamp(), bytes = figures.Link.BytesRead - _link.BytesRead;
        if (bytes > 0) _secondsPerByte = (figures.Link.BusySeconds - _link.BusySeconds) / bytes;
        double cycle = _cycleStart is { } start ? time.GetElapsedTime(start, now).TotalSeconds : 0;
        (_link, _cycleStart) = (figures.Link, now);
        return new PassTimes(new WorkTime(figures.Rows, figures.VerifySeconds), figures.PayloadBytes * _secondsPerByte, figures.LayersConsumed, cycle, tokens)
        {
            RingSlots = figures.Link.Slots,
            WrongChoices = wrongChoices,
        };
    }
}
