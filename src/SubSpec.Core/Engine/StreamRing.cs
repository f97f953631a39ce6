namespace SubSpec.Core.Engine;

/// <summary>One layer's read into a slot, for a pass.</summary>
public readonly record struct RingRead(PassId Pass, int Layer, int Slot);

/// <summary>What the end of a read means.</summary>
public enum ReadOutcome
{
    /// <summary>The slot holds the layer.</summary>
    Ready,

    /// <summary>The read failed and is to be tried again into the same slot.</summary>
    Retry,

    /// <summary>Tried often enough.</summary>
    Failed,

    /// <summary>Its pass was aborted meanwhile; the slot is free.</summary>
    Discarded,
}

/// <summary>
/// Which slot of the ring holds which layer for which pass, and what to read next. Pure bookkeeping: layers are read in the order in
/// which passes walk them, as far ahead as there are free slots and passes that were asked for.
/// </summary>
public sealed class StreamRing(int slotCount, IReadOnlyList<int> layers)
{
    /// <summary>Times that a layer's read is begun before the link counts as failed.</summary>
    public const int MaxTries = 3;

    private readonly Slot[] _slots = new Slot[slotCount];
    private PassId _last;
    private PassId _pass = new(1);
    private int _index;
    private int _slot;

    private enum Use
    {
        Free,
        Reading,
        Discarding,
        Ready,
    }

    /// <summary>True while a read is in flight whose layer somebody waits for.</summary>
    public bool IsReading => _slots.Any(s => s.Use == Use.Reading);

    /// <summary>Lets the ring run to the end of this pass.</summary>
    public void StreamTo(PassId pass)
    {
        if (pass.Value > _last.Value) _last = pass;
    }

    /// <summary>Takes the next read into a free slot; null while there is none to do.</summary>
    public RingRead? Next()
    {
        if (layers.Count == 0 || _pass.Value > _last.Value || FreeSlot() is not int slot) return null;
        var read = new RingRead(_pass, layers[_index], slot);
        _slots[slot] = new Slot(Use.Reading, read, 1);
        _slot = (slot + 1) % slotCount;
        if (++_index == layers.Count) (_index, _pass) = (0, _pass.Next);
        return read;
    }

    /// <summary>Books the end of the read into a slot.</summary>
    public (ReadOutcome Outcome, RingRead Read) Ended(int slot, bool succeeded)
    {
        Slot was = _slots[slot];
        switch (was.Use)
        {
            case Use.Discarding:
                _slots[slot] = default;
                return (ReadOutcome.Discarded, was.Read);
            case Use.Reading when succeeded:
                _slots[slot] = was with { Use = Use.Ready };
                return (ReadOutcome.Ready, was.Read);
            case Use.Reading when was.Tries < MaxTries:
                _slots[slot] = was with { Tries = was.Tries + 1 };
                return (ReadOutcome.Retry, was.Read);
            case Use.Reading:
                return (ReadOutcome.Failed, was.Read);
            default:
                throw new InvalidOperationException($"slot {slot} ends a read that it did not begin");
        }
    }

    /// <summary>Frees the slot; false, and nothing changes, when it does not hold this layer for this pass.</summary>
    public bool Consumed(PassId pass, int layer, int slot)
    {
        if ((uint)slot >= (uint)slotCount || _slots[slot].Use != Use.Ready || _slots[slot].Read != new RingRead(pass, layer, slot)) return false;
        _slots[slot] = default;
        return true;
    }

    /// <summary>Frees what the pass and those before it hold; reads in flight keep their slots until they end.</summary>
    public void Abort(PassId pass)
    {
        if (_pass.Value <= pass.Value) (_pass, _index) = (pass.Next, 0);
        for (int i = 0; i < slotCount; i++)
        {
            if (_slots[i].Use == Use.Free || _slots[i].Read.Pass.Value > pass.Value) continue;
            _slots[i] = _slots[i].Use == Use.Ready ? default : _slots[i] with { Use = Use.Discarding };
        }
    }

    private int? FreeSlot()
    {
        for (int i = 0; i < slotCount; i++)
        {
            int slot = (_slot + i) % slotCount;
            if (_slots[slot].Use == Use.Free) return slot;
        }
        return null;
    }

    private readonly record struct Slot(Use Use, RingRead Read, int Tries);
}
