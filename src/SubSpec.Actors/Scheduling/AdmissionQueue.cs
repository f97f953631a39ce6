using SubSpec.Core;

namespace SubSpec.Actors.Scheduling;

/// <summary>
/// Sequences that wait for KV slots, first come, first served: the first one is asked for, and while it is refused nobody overtakes
/// it, or a long prompt would starve behind short ones.
/// </summary>
internal sealed class AdmissionQueue
{
    private readonly List<SequenceId> _waiting = [];
    private SequenceId? _asked;
    private SequenceId? _refused;

    public int Count => _waiting.Count;

    public void Add(SequenceId sequence) => _waiting.Add(sequence);

    public void Remove(SequenceId sequence)
    {
        if (_refused == sequence) _refused = null;
        _waiting.Remove(sequence);
    }

    /// <summary>The sequence to reserve slots for now, at most one at a time; null for none.</summary>
    /// <param name="held">True for one that had better wait for something else; those behind it may overtake it.</param>
    public SequenceId? Ask(Predicate<SequenceId> held)
    {
        if (_asked is not null || _refused is not null) return null;
        int next = _waiting.FindIndex(sequence => !held(sequence));
        return next < 0 ? null : _asked = _waiting[next];
    }

    /// <summary>The slots that were asked for are there. The sequence waits no longer, if it still did.</summary>
    public void Reserved(SequenceId sequence)
    {
        _asked = null;
        _waiting.Remove(sequence);
    }

    /// <summary>They are not; the queue stands until slots come back.</summary>
    public void Refused(SequenceId sequence)
    {
        _asked = null;
        if (_waiting.Contains(sequence)) _refused = sequence;
    }

    /// <summary>Slots came back.</summary>
    public void Released() => _refused = null;

    /// <summary>A new engine has new slots: these wait, in this order.</summary>
    public void Restart(IEnumerable<SequenceId> sequences)
    {
        _waiting.Clear();
        _waiting.AddRange(sequences);
        (_asked, _refused) = (null, null);
    }
}
