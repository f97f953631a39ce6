using System.Collections.Immutable;
using SubSpec.Core;
using SubSpec.Core.Engine;
using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;

namespace SubSpec.Actors.Tests.Fakes;

/// <summary>A draft that is right with a given probability (a function of the context alone) and puts a second guess beside each token.</summary>
internal sealed class FakeDraft(ToyModel model, FakeKvPool kv, double rightness) : IDraftModel
{
    private readonly Dictionary<SequenceId, Growth> _open = [];
    private readonly Dictionary<SequenceId, Growth> _finished = [];

    /// <summary>Called before each step; may throw.</summary>
    public Action<RoundId>? OnStep { get; set; }

    public int StepRows { get; private set; }

    public List<DraftPlan> Rounds { get; } = [];

    public int Steps { get; private set; }

    public int Abandoned { get; private set; }

    public int Finished { get; private set; }

    public void Begin(DraftPlan plan)
    {
        if (_open.Count > 0) throw new InvalidOperationException("a round is open");
        Rounds.Add(plan);
        foreach (DraftSeed seed in plan.Seeds)
        {
            kv.Open(seed.Lease);
            _open.Add(seed.Sequence, seed.Continues && seed.PromptRows == 0 ? _finished[seed.Sequence].Continued(seed) : new Growth(seed, kv.Context(seed.Lease, seed.Context)));
            _finished.Remove(seed.Sequence);
        }
    }

    public bool Step()
    {
        OnStep?.Invoke(Rounds[^1].Round);
        Steps++;
        StepRows = _open.Values.Count(g => !g.IsComplete);
        foreach (Growth growth in _open.Values.Where(g => !g.IsComplete)) Grow(growth);
        return _open.Values.Any(g => !g.IsComplete);
    }

    /// <summary>Knows nothing of what stands below: every sequence drafts anew.</summary>
    public AheadFigures Reroot(ImmutableArray<RowsVerified> verified)
    {
        int misses = 0;
        foreach (RowsVerified rows in verified)
        {
            if (!_open.TryGetValue(rows.Sequence, out Growth? old) || !old.Seed.Continues) continue;
            TokenHistory history = old.Seed.History;
            ImmutableArray<int> chosen = old.Seed.PromptRows > 0 ? [rows.Acceptance!.Bonus] : rows.Acceptance!.TokensOf(new TokenTree([.. old.Nodes]));
            foreach (int token in chosen) history = history.Add(token, old.Seed.Sampling);
            DraftSeed seed = old.Seed with { Context = rows.Committed, RootToken = rows.Acceptance.Bonus, History = history, Continues = false, Prompt = default };
            _open[rows.Sequence] = new Growth(seed, kv.Context(seed.Lease, seed.Context));
            misses++;
        }
        return new AheadFigures(0, misses, 0);
    }

    public void Drop(SequenceId sequence)
    {
        _open.Remove(sequence);
        _finished.Remove(sequence);
    }

    public ImmutableArray<DraftedTree> Finish()
    {
        ImmutableArray<DraftedTree> trees = [.. _open.Values.Select(g => new DraftedTree(g.Seed.Sequence, new TokenTree([.. g.Nodes])))];
        foreach ((SequenceId sequence, Growth growth) in _open) _finished.Add(sequence, growth);
        _open.Clear();
        Finished++;
        return trees;
    }

    public void Abandon()
    {
        _open.Clear();
        Abandoned++;
    }

    private void Grow(Growth growth)
    {
        DraftSeed seed = growth.Seed;
        kv.Write(seed.Lease, seed.Context + growth.Tip, growth.Nodes[growth.Tip].Token, byTarget: false);
        int right = model.Next(growth.Path, seed.Sampling, growth.History);
        bool knows = ToyModel.Hash([.. growth.Path, 7]) % 1000 < rightness * 1000;
        int guess = knows ? right : 1 + right % (model.Vocabulary - 1);
        int parent = growth.Tip;
        growth.Nodes.Add(new TreeNode(guess, parent));
        growth.Tip = growth.Nodes.Count - 1;
        if (seed.Shape.Width > 1 && growth.Nodes.Count < seed.Shape.MaxNodes) growth.Nodes.Add(new TreeNode(guess == 1 ? 2 : 1, parent, 1));
        growth.Path.Add(guess);
        growth.History = growth.History.Add(guess, seed.Sampling);
        growth.Depth++;
    }

    private sealed class Growth(DraftSeed seed, List<int> context)
    {
        public DraftSeed Seed { get; private set; } = seed;

        public List<TreeNode> Nodes { get; } = [new TreeNode(seed.RootToken, -1)];

        public List<int> Path { get; } = [.. context, seed.RootToken];

        public TokenHistory History { get; set; } = seed.History;

        public int Tip { get; set; }

        public int Depth { get; set; }

        public bool IsComplete => Seed.Continues || Depth >= Seed.Shape.Depth || Nodes.Count >= Seed.Shape.MaxNodes;

        public Growth Continued(DraftSeed next)
        {
            Seed = Seed with { Shape = next.Shape, Continues = true };
            return this;
        }
    }
}
