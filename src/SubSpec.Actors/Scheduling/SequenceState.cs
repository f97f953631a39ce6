using System.Collections.Immutable;
using SubSpec.Actors.Kv;
using SubSpec.Core;
using SubSpec.Core.Engine;
using SubSpec.Core.Kv;
using SubSpec.Core.Sampling;
using SubSpec.Core.Schedules;
using SubSpec.Core.Trees;

namespace SubSpec.Actors.Scheduling;

/// <summary>
/// One sequence as the scheduler knows it. Its tokens are the truth; lease, context and tree belong to one build of the engine and
/// are made again from the tokens after a rebuild.
/// </summary>
internal sealed class SequenceState(EnqueueSequence request)
{
    private readonly TokenLog _tokens = new(request.Prompt.AsSpan());
    private TokenHistory _history = TokenHistory.For(request.Sampling, request.Prompt);
    private ModelLimits? _limits;
    private int _prefillEnd;
    private int _booked;
    private TokenTree? _tree;
    private PassRows? _rows;
    private RoundId _round;
    private DraftLookup _lookup = new();

    public SequenceId Id => request.Sequence;

    /// <summary>Prompt and output.</summary>
    public IReadOnlyList<int> Tokens => _tokens;

    public int OutputCount => _tokens.Count - request.Prompt.Length;

    public KvLease? Lease { get; private set; }

    /// <summary>Positions that hold target-written KV.</summary>
    public int Context { get; private set; }

    /// <summary>Prompt tokens whose KV was there when the sequence was first admitted; null before that.</summary>
    public int? Cached { get; private set; }

    /// <summary>Engine failures in a row that happened while the sequence was being worked on.</summary>
    public int Strikes { get; set; }

    public SequenceTimes Times { get; set; }

    /// <summary>The round whose tree is in the pass, if one is.</summary>
    public RoundId Verifying => _rows?.Round ?? default;

    public SequenceProgress Progress => new(Id, PromptLeft, TokensLeft);

    /// <summary>Prompt tokens to compute, and how many of them were; null where none are left.</summary>
    public (int All, int Done)? Prefill => PromptLeft == 0 ? null : (_prefillEnd - Lease!.Cached, Context - Lease.Cached);

    private int PromptLeft => Math.Max(0, _prefillEnd - Context);

    private int TokensLeft => Math.Min(request.MaxTokens - OutputCount, Limits.Context - _tokens.Count);

    private ModelLimits Limits => _limits ?? throw new InvalidOperationException($"{Id} is not admitted");

    private string Scope => request.Scope;

    /// <summary>Why the sequence cannot run within these limits, in one line; null where it can.</summary>
    public string? Misfit(ModelLimits limits)
    {
        if (request.Prompt.Length >= limits.Context)
            return $"the prompt has {request.Prompt.Length} tokens and the context holds {limits.Context}: shorten the prompt or give a larger context";
        foreach (int token in request.Prompt)
            if ((uint)token >= (uint)limits.VocabularySize) return $"token id {token} is not in the vocabulary: ids are 0 to {limits.VocabularySize - 1}";
        return null;
    }

    /// <summary>Asks for KV slots: for all that the sequence may become, and the rows of its trees.</summary>
    /// <param name="slots">All there are: then the last trees are smaller.</param>
    public ReserveKv Reserve(int treeRows, ModelLimits limits, int slots)
    {
        long wanted = Math.Min(limits.Context, (long)request.Prompt.Length + request.MaxTokens) + treeRows;
        return new ReserveKv(Id, (int)Math.Min(slots, wanted), new KvPrefix([.. _tokens.Snapshot.Span], Scope, request.OfSession));
    }

    /// <summary>Tokens of its own prompt that an admitted sequence has yet to prefill and that this one begins with too.</summary>
    public int AwaitedFrom(SequenceState other)
    {
        if (other.PromptLeft == 0 || other.Scope != Scope) return 0;
        ReadOnlySpan<int> prompt = other._tokens.Snapshot.Span[..other._prefillEnd];
        return Math.Max(0, prompt.CommonPrefixLength(_tokens.Snapshot.Span) - other.Context);
    }

    /// <summary>Begins anew on these slots: every token so far is prompt, and what is cached of it needs no pass.</summary>
    public void Admit(KvLease lease, ModelLimits limits)
    {
        Evict();
        (Lease, _limits, _prefillEnd, Context, _booked) = (lease, limits, _tokens.Count, lease.Cached, lease.Cached);
        Cached ??= lease.Cached;
    }

    /// <summary>What the ledger has not heard of yet. The last pass may have committed positions behind the end; nobody asks for them.</summary>
    public CommitKv Book()
    {
        (int from, _booked) = (_booked, Math.Min(Context, _tokens.Count));
        return new CommitKv(Lease!, [.. _tokens.Snapshot.Span[from.._booked]]);
    }

    /// <summary>Forgets everything that belonged to an engine.</summary>
    public void Evict() => (Lease, _tree, _rows, _lookup, Context, _prefillEnd) = (null, null, null, new DraftLookup(), 0, 0);

    /// <summary>
    /// Where the next tree begins, its shape cut to the slots and rows there are; null where there can be none yet: the open pass does not end the prompt,
    /// or the lease has no slots for what the draft reads of it.
    /// </summary>
    public DraftSeed? Seed(DraftOrder order)
    {
        if (PromptLeft > 0 && !(order.Continues && _rows is { Kind: RowsKind.LastPrefill })) return null;
        var seed = new DraftSeed(Id, Lease!, Context, _tokens[^1], order.Shape, request.Sampling, _history)
        {
            LooksAhead = order.LooksAhead,
            Continues = order.Continues,
            Prompt = PromptLeft > 0 ? [.. _tokens.Snapshot.Span.Slice(Context, PromptLeft)] : default,
            Tokens = _tokens.Snapshot,
            Lookup = _lookup,
        };
        int slots = seed.Lease.Capacity - seed.RootPosition - seed.PromptRows;
        if (slots < 1) return null;
        int rows = Math.Clamp(Math.Min(slots, Limits.RowLimit), 1, order.Shape.MaxNodes);
        return seed with { Shape = order.Shape with { Depth = Math.Min(order.Shape.Depth, TokensLeft - 1), MaxNodes = rows } };
    }

    /// <summary>The tree to verify in the next pass, and the round that drafted it.</summary>
    public void Take(TokenTree tree, RoundId round = default) => (_tree, _round) = (tree, round);

    /// <summary>The sequence's rows for a pass: prompt while some is left, else the drafted tree or its root alone.</summary>
    /// <param name="promptRows">Prompt rows that the schedule wants.</param>
    /// <param name="room">Most rows that fit, 1 or more.</param>
    public PassRows Rows(int promptRows, int room)
    {
        if (PromptLeft > 0)
        {
            int rows = Math.Min(Math.Clamp(promptRows, 1, PromptLeft), room);
            var chunk = TokenTree.Chain(_tokens.Snapshot.Span.Slice(Context, rows));
            return _rows = ToRows(chunk, rows == PromptLeft ? RowsKind.LastPrefill : RowsKind.Prefill);
        }
        TokenTree tree = _tree ?? TokenTree.Chain([_tokens[^1]]);
        RoundId round = _tree is null ? default : _round;
        _tree = null;
        if (tree.Nodes[0].Token != _tokens[^1]) throw new InvalidOperationException($"{Id}: a tree below {tree.Nodes[0].Token}, the last token is {_tokens[^1]}");
        // Parents stand before their children, so the first nodes of a tree are a tree.
        return _rows = ToRows(tree.Count <= room ? tree : new TokenTree(tree.Nodes[..room]), RowsKind.Verify) with { Round = round };
    }

    /// <summary>Takes over what a pass has found for the rows that <see cref="Rows"/> gave.</summary>
    public Committed Commit(RowsVerified verified)
    {
        PassRows rows = _rows ?? throw new InvalidOperationException($"{Id} has no rows in the pass");
        // A tree that was drafted meanwhile stands on tokens that are not the last ones any more.
        (_rows, _tree) = (null, null);
        if (verified.Committed <= Context || verified.Committed > Context + rows.Tree.Count)
            throw new InvalidOperationException($"{Id}: a pass of {rows.Tree.Count} rows after {Context} positions committed {verified.Committed}");
        bool round = rows.Kind == RowsKind.Verify;
        int prefilled = round ? 0 : verified.Committed - Context;
        Context = verified.Committed;
        if (verified.Acceptance is not { } acceptance) return new Committed([], null, null, Finish.None) { Prefilled = prefilled };

        ImmutableArray<int> chosen = round ? acceptance.TokensOf(rows.Tree) : [acceptance.Bonus];
        (ImmutableArray<int> kept, Finish finish) = Committer.Cut(chosen, Limits.EosTokens, TokensLeft);
        foreach (int token in kept)
        {
            _tokens.Add(token);
            _history = _history.Add(token, request.Sampling);
        }
        ImmutableArray<TokenLogProbs> logProbs = verified.LogProbs.IsEmpty ? [] : verified.LogProbs[..kept.Length];
        if (!round) return new Committed(kept, null, null, finish) { LogProbs = logProbs, Prefilled = prefilled };
        var walk = RoundWalk.Of(rows.Tree, acceptance, kept.Length);
        return new Committed(kept, walk.Accepted.Length, acceptance.AgreementIn(rows.Tree), finish)
        {
            Drafted = rows.Tree.Count - 1,
            LogProbs = logProbs,
            Walk = walk,
        };
    }

    private PassRows ToRows(TokenTree tree, RowsKind kind) => new(Id, Lease!, Context, tree, kind, request.Sampling, _history) { TopLogProbs = request.TopLogProbs };
}

/// <summary>What a pass added to a sequence.</summary>
/// <param name="Accepted">Accepted draft tokens among them; null where no tree was verified.</param>
/// <param name="Round">What the walk showed about the draft; null where no tree was verified.</param>
internal sealed record Committed(ImmutableArray<int> Tokens, int? Accepted, DraftAgreement? Round, Finish Finish)
{
    /// <summary>Nodes of the verified tree, its root not counted.</summary>
    public int Drafted { get; init; }

    /// <summary>One for each token; empty where none were asked for.</summary>
    public ImmutableArray<TokenLogProbs> LogProbs { get; init; } = [];

    /// <summary>The way to the accepted tokens; null where no tree was verified.</summary>
    public RoundWalk? Walk { get; init; }

    /// <summary>Rows of a prompt chunk.</summary>
    public int Prefilled { get; init; }
}
