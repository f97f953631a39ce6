using SubSpec.Core.Engine;

namespace SubSpec.Core.Simulation;

/// <summary>The weight stream: the engine's own ring, and a link that transfers one layer after the other.</summary>
internal sealed class SimulatedLink(VirtualClock clock, StreamRing ring, SimulatedCosts costs)
{
    private double _free, _planned;

    /// <summary>Called when a slot holds a layer.</summary>
    public Action<RingRead> Ready { get; set; } = _ => { };

    /// <summary>Seconds until now in which a transfer was outstanding. What is planned follows without a gap, so the rest of it is still to come.</summary>
    public double BusySeconds => _planned - Math.Max(0, _free - clock.Now);

    public void StreamTo(PassId pass)
    {
        ring.StreamTo(pass);
        ReadAhead();
    }

    public void Consumed(RingRead read)
    {
        if (!ring.Consumed(read.Pass, read.Layer, read.Slot)) throw new InvalidOperationException($"{read} is not in the ring");
        ReadAhead();
    }

    private void ReadAhead()
    {
        while (ring.Next() is { } read)
        {
            double seconds = costs.StreamSeconds;
            _free = Math.Max(clock.Now, _free) + seconds;
            _planned += seconds;
            clock.At(_free, () =>
            {
                ring.Ended(read.Slot, succeeded: true);
                Ready(read);
            });
        }
    }
}
