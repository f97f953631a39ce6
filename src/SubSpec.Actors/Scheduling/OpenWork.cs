using SubSpec.Core;
using SubSpec.Core.Kv;

namespace SubSpec.Actors.Scheduling;

/// <summary>
/// The draft round and the pass that are in flight, and the leases of gone sequences that one of them still holds: slots must not
/// get a new owner while compute may write them.
/// </summary>
internal sealed class OpenWork
{
    private readonly HashSet<SequenceId> _drafting = [];
    private readonly HashSet<SequenceId> _verifying = [];
    private readonly Dictionary<SequenceId, KvLease> _leaving = [];

    public RoundId? Round { get; private set; }

    public PassId? Pass { get; private set; }

    /// <summary>True while no round and no pass is in flight.</summary>
    public bool IsIdle => Round is null && Pass is null;

    /// <summary>The number of the next pass.</summary>
    public PassId NextPass { get; private set; } = new(1);

    /// <summary>The number of the next draft round.</summary>
    public RoundId NextRound { get; private set; } = new(1);

    public bool IsDrafting(SequenceId sequence) => _drafting.Contains(sequence);

    public bool IsVerifying(SequenceId sequence) => _verifying.Contains(sequence);

    public bool Holds(SequenceId sequence) => IsDrafting(sequence) || IsVerifying(sequence);

    public void Begin(RoundId round, IEnumerable<SequenceId> sequences)
    {
        if (Round is not null) throw new InvalidOperationException($"{round} begins while {Round} is open");
        (Round, NextRound) = (round, round.Next);
        _drafting.UnionWith(sequences);
    }

    public void Begin(PassId pass, IEnumerable<SequenceId> sequences)
    {
        if (Pass is not null) throw new InvalidOperationException($"{pass} begins while {Pass} is open");
        (Pass, NextPass) = (pass, pass.Next);
        _verifying.UnionWith(sequences);
    }

    /// <summary>The round has nobody to draft for, and does not begin.</summary>
    public void Skip(RoundId round) => NextRound = round.Next;

    /// <summary>The pass has nobody to verify, and does not begin.</summary>
    public void Skip(PassId pass) => NextPass = pass.Next;

    /// <summary>False when this round is not the open one.</summary>
    public bool End(RoundId round)
    {
        if (Round != round) return false;
        Round = null;
        _drafting.Clear();
        return true;
    }

    /// <summary>False when this pass is not the open one.</summary>
    public bool End(PassId pass)
    {
        if (Pass != pass) return false;
        Pass = null;
        _verifying.Clear();
        return true;
    }

    /// <summary>The sequence is gone; its lease ends once nothing holds it.</summary>
    public void Leave(KvLease lease) => _leaving.Add(lease.Sequence, lease);

    /// <summary>Takes out the leases that nothing holds any more.</summary>
    public IReadOnlyList<KvLease> TakeUnheld()
    {
        KvLease[] unheld = [.. _leaving.Values.Where(l => !Holds(l.Sequence))];
        foreach (KvLease lease in unheld) _leaving.Remove(lease.Sequence);
        return unheld;
    }

    /// <summary>The engine is gone, and everything in flight with it.</summary>
    public void Clear()
    {
        (Round, Pass, NextRound, NextPass) = (null, null, new RoundId(1), new PassId(1));
        _drafting.Clear();
        _verifying.Clear();
        _leaving.Clear();
    }
}
