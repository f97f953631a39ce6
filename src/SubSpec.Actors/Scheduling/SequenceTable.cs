using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using SubSpec.Actors.Engines;
using SubSpec.Core;

namespace SubSpec.Actors.Scheduling;

/// <summary>The sequences that are not over yet, in the order in which they came, each with the session that wants its tokens.</summary>
internal sealed class SequenceTable
{
    private readonly OrderedDictionary<SequenceId, (SequenceState State, IActorRef Session)> _rows = [];

    public int Count => _rows.Count;

    public IEnumerable<SequenceState> States => _rows.Values.Select(r => r.State);

    /// <summary>How far those are that read their prompts.</summary>
    public PrefillProgress Prefill => States.Select(s => s.Prefill).OfType<(int All, int Done)>().Aggregate(
        default(PrefillProgress), (sum, one) => new PrefillProgress(sum.Sequences + 1, sum.Tokens + one.All, sum.Done + one.Done));

    /// <summary>False when the id is taken.</summary>
    public bool TryAdd(SequenceState state, IActorRef session) => _rows.TryAdd(state.Id, (state, session));

    public bool TryGet(SequenceId sequence, [MaybeNullWhen(false)] out SequenceState state)
    {
        bool found = _rows.TryGetValue(sequence, out (SequenceState State, IActorRef) row);
        state = row.State;
        return found;
    }

    public IActorRef SessionOf(SequenceId sequence) => _rows[sequence].Session;

    public bool Remove(SequenceId sequence) => _rows.Remove(sequence);
}
