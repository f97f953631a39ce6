using System.Collections.Immutable;
using SubSpec.Core.Kv;
using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Engine;

/// <summary>What a sequence's rows in a pass are for.</summary>
public enum RowsKind
{
    /// <summary>A prompt chunk: every row's KV is committed, nothing is chosen.</summary>
    Prefill,

    /// <summary>The last prompt chunk: as <see cref="Prefill"/>, and the token after its last row is chosen.</summary>
    LastPrefill,

    /// <summary>A tree (or a root alone): the acceptance walk decides what is committed.</summary>
    Verify,
}

/// <summary>One sequence's rows in a pass.</summary>
/// <param name="Context">Positions already committed: the first row's position. Node i of the tree is held by slot <c>Lease.Slots[Context + i]</c>.</param>
/// <param name="History">What penalties count, up to and including the root.</param>
public sealed record PassRows(SequenceId Sequence, KvLease Lease, int Context, TokenTree Tree, RowsKind Kind, SamplingOptions Sampling, TokenHistory History)
{
    /// <summary>The round that drafted the tree; the default value for other rows.</summary>
    public RoundId Round { get; init; }

    /// <summary>Log-probabilities that are asked for of each chosen token: this many of the best beside its own; null for none.</summary>
    public int? TopLogProbs { get; init; }
}

/// <summary>All rows of one walk of the target through its layers, of one or many sequences.</summary>
public sealed record PassPlan(PassId Pass, ImmutableArray<PassRows> Rows);

/// <summary>What a pass has found for one sequence.</summary>
/// <param name="Acceptance">Of the last prompt chunk only the bonus token counts; null for a prompt chunk after which nothing is chosen.</param>
/// <param name="Committed">Positions that hold target-written KV now.</param>
/// <param name="Moves">Accepted nodes whose KV was copied to the slot of their position.</param>
public sealed record RowsVerified(SequenceId Sequence, Acceptance? Acceptance, int Committed, int Moves)
{
    /// <summary>One for each chosen token, the bonus token last; empty where none were asked for.</summary>
    public ImmutableArray<TokenLogProbs> LogProbs { get; init; } = [];
}

/// <summary>One drafting sequence: where its tree begins.</summary>
/// <param name="Context">Committed positions; the root's position, but where <see cref="Prompt"/> stands between.</param>
public sealed record DraftSeed(SequenceId Sequence, KvLease Lease, int Context, int RootToken, DraftShape Shape, SamplingOptions Sampling, TokenHistory History)
{
    /// <summary>The tree may be continued while it is verified.</summary>
    public bool LooksAhead { get; init; }

    /// <summary>
    /// Continues the tree of the sequence's last round, which a pass verifies now, or <see cref="Prompt"/>. Context, root and history are those of before the pass;
    /// its end moves them on (<see cref="IDraftModel.Reroot"/>), and the round ends only after that.
    /// </summary>
    public bool Continues { get; init; }

    /// <summary>
    /// Tokens that a pass takes now and that end the prompt, the last of them the root; default for none. Their KV is the pass's to write: the draft reads them for
    /// itself, in the lease's slots behind those of the pass, and drafts below them as below a tree that is verified.
    /// </summary>
    public ImmutableArray<int> Prompt { get; init; }

    /// <summary>Rows of the open pass before the root and itself, where it is the end of a prompt; else 0.</summary>
    public int PromptRows => Prompt.IsDefault ? 0 : Prompt.Length;

    /// <summary>The root's position.</summary>
    public int RootPosition => Context + Math.Max(0, PromptRows - 1);

    /// <summary>Prompt and output, the root last; empty where nothing is looked up.</summary>
    public ReadOnlyMemory<int> Tokens { get; init; }

    /// <summary>Guesses from <see cref="Tokens"/>, the same in all rounds of a sequence; only the draft model touches it. Null for none.</summary>
    public DraftLookup? Lookup { get; init; }
}

/// <summary>All sequences of one draft round.</summary>
public sealed record DraftPlan(RoundId Round, ImmutableArray<DraftSeed> Seeds);

/// <summary>The finished tree of one sequence.</summary>
public sealed record DraftedTree(SequenceId Sequence, TokenTree Tree);
