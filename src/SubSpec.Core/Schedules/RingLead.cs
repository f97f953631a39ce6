using System.Collections.Immutable;

namespace SubSpec.Core.Schedules;

/// <summary>How far the ring was told to run ahead: it is told once about each pass.</summary>
/// <param name="Told">The last pass that the ring knows of.</param>
internal readonly record struct RingLead(PassId Told)
{
    /// <summary>Lets the ring run ahead into <paramref name="pass"/>, where it was not told so already.</summary>
    public RingLead RunTo(PassId pass, ImmutableArray<ScheduleCommand>.Builder commands)
    {
        if (Told.Value >= pass.Value) return this;
        commands.Add(new ScheduleCommand.StreamAhead(pass));
        return new RingLead(pass);
    }

    /// <summary>A pass that begins tells the ring by itself.</summary>
    public RingLead Begin(PassId pass) => Told.Value >= pass.Value ? this : new RingLead(pass);
}
