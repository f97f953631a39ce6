using System.Collections.Immutable;
using SubSpec.Core;
using SubSpec.Core.Engine;
using SubSpec.Core.Kv;
using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;
using SubSpec.Torch.Engine;

namespace SubSpec.Torch.Tests.Engine;

/// <summary>Drives an engine's parts in a plain loop on one thread, without actors: what the actors must do, in the order in which they must.</summary>
internal sealed class EngineDriver(IEngine engine) : IDisposable
{
    private readonly KvLedger _ledger = new(engine.Kv.SlotCount);
    private long _pass;
    private long _round;
    private long _sequence;

    public int Rounds { get; private set; }

    public int Accepted { get; private set; }

    public long LayersConsumed { get; private set; }

    public int DraftSteps { get; private set; }

    public int DraftRows { get; private set; }

    /// <summary>Generates exactly as long as allowed; ends at an end token.</summary>
    public List<int> Generate(int[] prompt, int maxTokens, DraftShape shape, SamplingOptions sampling, int chunkRows = 64) =>
        Generate([new Job(prompt, maxTokens, shape, sampling)], chunkRows)[0];

    /// <summary>Generates several sequences with all their rows in the same passes and draft rounds.</summary>
    public List<List<int>> Generate(IReadOnlyList<Job> jobs, int chunkRows = 64)
    {
        Running[] all = [.. jobs.Select(Start)];
        while (all.Any(r => !r.Done))
        {
            Running[] going = [.. all.Where(r => !r.Done)];
            ImmutableDictionary<SequenceId, TokenTree> trees = Draft([.. going.Where(r => r.PromptLeft == 0)]);
            Verify(going, trees, chunkRows);
        }
        foreach (Running running in all)
        {
            engine.Kv.Retire(running.Lease, _ledger.Release(running.Lease));
        }
        return [.. all.Select(r => r.Output)];
    }

    public void Dispose() => engine.Dispose();

    private Running Start(Job job)
    {
        int capacity = job.Prompt.Length + job.MaxTokens + Math.Max(1, job.Shape.MaxNodes);
        KvLease lease = _ledger.Reserve(new SequenceId(++_sequence), capacity) ?? throw new InvalidOperationException("no KV slots left");
        return new Running(job, lease) { History = TokenHistory.For(job.Sampling, job.Prompt) };
    }

    private ImmutableDictionary<SequenceId, TokenTree> Draft(IReadOnlyList<Running> ready)
    {
        DraftSeed[] seeds = [.. ready.Select(r => (Running: r, Shape: r.ShapeNow())).Where(s => s.Shape.Depth > 0)
            .Select(s => new DraftSeed(s.Running.Lease.Sequence, s.Running.Lease, s.Running.Context, s.Running.Output[^1], s.Shape, s.Running.Job.Sampling, s.Running.History)
            {
                Tokens = s.Running.Text,
                Lookup = s.Running.Lookup,
            })];
        if (seeds.Length == 0) return ImmutableDictionary<SequenceId, TokenTree>.Empty;
        engine.Draft.Begin(new DraftPlan(new RoundId(++_round), [.. seeds]));
        bool more = true;
        while (more)
        {
            more = engine.Draft.Step();
            (DraftSteps, DraftRows) = (DraftSteps + 1, DraftRows + engine.Draft.StepRows);
        }
        return engine.Draft.Finish().ToImmutableDictionary(t => t.Sequence, t => t.Tree);
    }

    private void Verify(Running[] going, ImmutableDictionary<SequenceId, TokenTree> trees, int chunkRows)
    {
        PassRows[] rows = [.. going.Select(r => r.Rows(trees.GetValueOrDefault(r.Lease.Sequence), chunkRows))];
        engine.Target.Begin(new PassPlan(new PassId(++_pass), [.. rows]));
        for (int layer = 0; layer < engine.Target.LayerCount; layer++) engine.Target.RunLayer(layer, engine.Target.IsOffloaded(layer) ? Fetch(layer) : -1);
        ImmutableArray<RowsVerified> results = engine.Target.Finish();
        for (int i = 0; i < going.Length; i++) Commit(going[i], rows[i], results[i]);
    }

    private void Commit(Running running, PassRows rows, RowsVerified verified)
    {
        running.Context = verified.Committed;
        IEnumerable<int> nodes = rows.Kind == RowsKind.Verify ? verified.Acceptance!.Nodes : Enumerable.Range(0, rows.Tree.Count);
        _ledger.Commit(running.Lease, [.. nodes.Select(node => rows.Tree.Nodes[node].Token)]);
        if (rows.Kind != RowsKind.Verify) running.PromptLeft -= rows.Tree.Count;
        if (verified.Acceptance is not { } acceptance) return;
        ImmutableArray<int> tokens = rows.Kind == RowsKind.Verify ? acceptance.TokensOf(rows.Tree) : [acceptance.Bonus];
        if (rows.Kind == RowsKind.Verify) (Rounds, Accepted) = (Rounds + 1, Accepted + acceptance.Accepted);
        foreach (int token in tokens)
        {
            running.Output.Add(token);
            running.History = running.History.Add(token, running.Job.Sampling);
            running.Done = running.Output.Count == running.Job.MaxTokens || engine.Limits.EosTokens.Contains(token);
            if (running.Done) return;
        }
    }

    // One read at a time, into the slots in turn: what is tested here is the arithmetic, not the overlap.
    private int Fetch(int layer)
    {
        int slot = (int)(LayersConsumed++ % engine.Link.SlotCount);
        using var done = new ManualResetEventSlim();
        Exception? error = null;
        engine.Link.BeginRead(layer, slot, read =>
        {
            error = read.Error;
            done.Set();
        });
        done.Wait();
        return error is null ? slot : throw error;
    }

    internal sealed record Job(int[] Prompt, int MaxTokens, DraftShape Shape, SamplingOptions Sampling)
    {
        /// <summary>Steps take guesses along, from prompt and output.</summary>
        public bool LooksUp { get; init; }
    }

    private sealed class Running(Job job, KvLease lease)
    {
        public Job Job => job;

        public KvLease Lease => lease;

        public int Context { get; set; }

        public int PromptLeft { get; set; } = job.Prompt.Length;

        public List<int> Output { get; } = [];

        public DraftLookup? Lookup { get; } = job.LooksUp ? new DraftLookup() : null;

        public ReadOnlyMemory<int> Text => job.LooksUp ? (int[])[.. job.Prompt, .. Output] : default;

        public required TokenHistory History { get; set; }

        public bool Done { get; set; }

        public DraftShape ShapeNow() => job.Shape with { Depth = Math.Min(job.Shape.Depth, job.MaxTokens - Output.Count - 1) };

        public PassRows Rows(TokenTree? tree, int chunkRows)
        {
            if (PromptLeft == 0) return new PassRows(lease.Sequence, lease, Context, tree ?? TokenTree.Chain([Output[^1]]), RowsKind.Verify, job.Sampling, History);
            int count = Math.Min(chunkRows, PromptLeft);
            RowsKind kind = count == PromptLeft ? RowsKind.LastPrefill : RowsKind.Prefill;
            return new PassRows(lease.Sequence, lease, Context, TokenTree.Chain(job.Prompt.AsSpan(Context, count)), kind, job.Sampling, History);
        }
    }
}
