using System.Collections.Immutable;
using SubSpec.Core;
using SubSpec.Core.Engine;

namespace SubSpec.Actors.Verifying;

/// <summary>The pass that is open: whose rows are in it, how far it is, what it cost so far.</summary>
internal sealed class OpenPass(PassPlan plan, StepGrants grants)
{
    private readonly Dictionary<SequenceId, int> _rows = plan.Rows.ToDictionary(r => r.Sequence, r => r.Tree.Count);

    public PassId Pass => plan.Pass;

    /// <summary>The newest round whose tree is in it; the default value for none.</summary>
    public RoundId Round { get; } = new(plan.Rows.Max(r => r.Round.Value));

    /// <summary>True when nothing is in it but rows of prompts.</summary>
    public bool IsPrefill { get; } = plan.Rows.All(r => r.Kind != RowsKind.Verify);

    public StepGrants Grants => grants;

    /// <summary>The layer to run next; the layer count behind the last one.</summary>
    public int Layer { get; set; }

    /// <summary>True between <c>AbortPass</c> and <c>PassAborted</c>.</summary>
    public bool IsAborting { get; set; }

    /// <summary>True while the pass waits for <see cref="Layer"/>.</summary>
    public bool IsWaiting { get; set; }

    public double VerifySeconds { get; set; }

    public double StallSeconds { get; set; }

    public int LayersConsumed { get; private set; }

    public long PayloadBytes { get; private set; }

    /// <summary>Rows of the sequences that are still in.</summary>
    public int Rows => _rows.Values.Sum();

    /// <summary>The sequences that are still in.</summary>
    public ImmutableArray<SequenceId> Sequences { get; private set; } = [.. plan.Rows.Select(r => r.Sequence)];

    public bool IsEmpty => _rows.Count == 0;

    /// <summary>False for a sequence that is not in the pass.</summary>
    public bool Drop(SequenceId sequence)
    {
        Sequences = Sequences.Remove(sequence);
        return _rows.Remove(sequence);
    }

    public void Consumed(long payloadBytes)
    {
        LayersConsumed++;
        PayloadBytes += payloadBytes;
    }
}
