using System.Collections.Immutable;
using SubSpec.Core;
using SubSpec.Core.Engine;
using SubSpec.Core.Kv;
using SubSpec.Core.Planning;
using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;
using SubSpec.Torch.Engine;
using SubSpec.Torch.Tests.Reference;

namespace SubSpec.Torch.Tests.Engine;

/// <summary>A tree that grows on between the layers of the pass that verifies it: the tokens are those of plain decoding, and what was drafted is used.</summary>
public sealed class DraftAheadTests : IDisposable
{
    private const int Tokens = 90;

    private readonly DemoEngine _demo = new(
        DemoModel.Options with { MemoryBudget = 1L << 30, TreeRows = 64, DraftRows = 8, Context = 512 }, CostModel.Default with { FullBytesPerSecond = 1e6 });

    private long _ids;

    /// <summary>The rows of the pass take nothing of what the draft writes, whenever it reads: tokens and the KV of the prompt are the target's.</summary>
    [Theory]
    [InlineData(1, 64)] // fewer rows than a step may read
    [InlineData(14, 64)]
    [InlineData(14, 5)] // in chunks, of which the last one is read
    [InlineData(60, 64)] // longer than the deepest path
    public void Below_a_prompt_that_a_pass_takes_the_first_tree_is_drafted(int length, int chunkRows)
    {
        var shape = new DraftShape(8, 2, 0.02, 64);
        int[] prompt = [.. Enumerable.Repeat(DemoText.Encode("Once upon a time, there was a little girl named Lily."), 6).SelectMany(t => t).Take(length)];
        List<int> plain = _demo.Driver.Generate(prompt, 30, DraftShape.None, SamplingOptions.Greedy);

        int hits = 0;
        for (int seed = 0; seed < 5; seed++)
        {
            var random = new Random(seed);
            Answer answer = Generate(prompt, shape, SamplingOptions.Greedy, _ => random.Next(6), tokens: 30, chunkRows);
            Assert.Equal(plain, answer.Tokens);
            Assert.Equal(1, answer.First.Hits + answer.First.Misses);
            // Free slots hold NaN: a tree that had grown below them would show it.
            Assert.All(answer.FirstTree.Nodes, n => Assert.True(float.IsFinite(n.Margin)));
            Assert.InRange(answer.FirstTree.Depth, 4, shape.Depth);
            hits += answer.First.Hits;
        }
        Assert.InRange(hits, 4, 5);
    }

    [Fact]
    public void A_prompt_that_the_draft_has_not_read_in_time_is_a_miss()
    {
        int[] prompt = DemoText.Encode("Once upon a time, there was a little girl named Lily. She loved to");
        List<int> plain = _demo.Driver.Generate(prompt, 30, DraftShape.None, SamplingOptions.Greedy);

        // One step of 4 rows before the first layer, none later.
        Answer answer = Generate(prompt, new DraftShape(8, 2, 0.02, 64), SamplingOptions.Greedy, layer => layer == 0 ? 1 : 0, tokens: 30, isDraftedAgain: true);

        Assert.Equal(plain, answer.Tokens);
        Assert.Equal((0, 1), (answer.First.Hits, answer.First.Misses));
        // It is drafted anew as if nothing had been drafted before: from the prompt's own KV.
        Assert.Equal(answer.FreshTree.Nodes.AsEnumerable(), answer.FirstTree.Nodes);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 3)]
    [InlineData(0.8, 1)]
    [InlineData(0.8, 2)]
    public void Tokens_are_those_of_plain_decoding_and_hits_go_on_with_what_was_drafted(double temperature, int width)
    {
        var sampling = new SamplingOptions { Temperature = temperature, Seed = 5, RepetitionPenalty = temperature > 0 ? 1.1 : 1 };
        var shape = new DraftShape(6, width, 0.02, 1 + 6 * width);
        int[] prompt = DemoText.Encode("Once upon a time, there was a little girl named Lily. She loved to");
        List<int> plain = _demo.Driver.Generate(prompt, Tokens, DraftShape.None, sampling);

        AheadFigures ahead = default;
        for (int seed = 0; seed < 4; seed++)
        {
            var random = new Random(seed);
            Answer answer = Generate(prompt, shape, sampling, _ => random.Next(3));
            Assert.Equal(plain, answer.Tokens);
            ahead += answer.Ahead;
        }
        Assert.Equal(8, _demo.Plan.Layers.Count(l => l == LayerPlacement.ResidentWithSubstitute));
        Assert.InRange(ahead.Hits, 8, int.MaxValue);
        // Several choices wide, what follows the leaves included, it may be that no ending of this story is missed.
        Assert.InRange(ahead.Misses, width < 2 ? 1 : 0, int.MaxValue);
    }

    public void Dispose() => _demo.Dispose();

    /// <summary>As the actors do it, with draft steps between layers.</summary>
    /// <param name="steps">Steps before a layer.</param>
    /// <param name="isDraftedAgain">The first tree is drafted once more, in a round of its own; without guesses.</param>
    private Answer Generate(int[] prompt, DraftShape shape, SamplingOptions sampling, Func<int, int> steps, int tokens = Tokens, int chunkRows = 64, bool isDraftedAgain = false)
    {
        CpuEngine engine = _demo.Engine;
        // Slots of its own: the driver's sequences are over and their leases older.
        var mixed = new Random((int)++_ids);
        var lease = new KvLease(new SequenceId(1000 + _ids), 1000 + _ids, [.. Enumerable.Range(0, engine.Kv.SlotCount).OrderBy(_ => mixed.Next())]);
        TokenHistory history = TokenHistory.For(sampling, prompt);
        var chosen = new List<int>();
        var lookup = new DraftLookup();
        int context = 0;

        for (; prompt.Length - context > chunkRows;) Verify(TokenTree.Chain(prompt.AsSpan(context, chunkRows)), RowsKind.Prefill, seed: null);
        int[] last = prompt[context..];
        (TokenTree tree, AheadFigures first) = Draft(Verify(
            TokenTree.Chain(last), RowsKind.LastPrefill, Seed(last[^1]) with { Prompt = [.. last] }));
        TokenTree firstTree = tree, freshTree = isDraftedAgain ? Fresh() : tree;
        AheadFigures ahead = first;
        while (chosen.Count < tokens && !engine.Limits.EosTokens.Contains(chosen[^1]))
        {
            RowsVerified verified = Verify(tree, RowsKind.Verify, Seed(chosen[^1]));
            (tree, AheadFigures figures) = Draft(verified);
            ahead += figures;
            if (!isDraftedAgain) Assert.Equal(prompt.Length + chosen.Count, lookup.Count);
        }
        engine.Draft.Abandon();
        engine.Kv.Retire(lease, lease.Slots);
        int end = chosen.FindIndex(engine.Limits.EosTokens.Contains);
        return new Answer([.. chosen.Take(Math.Min(tokens, end < 0 ? tokens : end + 1))], first, ahead, firstTree, freshTree);

        DraftSeed Seed(int root) => new(lease.Sequence, lease, context, root, shape, sampling, history)
        {
            LooksAhead = true,
            Continues = true,
            Tokens = (int[])[.. prompt, .. chosen],
            Lookup = isDraftedAgain ? null : lookup,
        };

        (TokenTree Tree, AheadFigures Figures) Draft(RowsVerified verified)
        {
            AheadFigures figures = engine.Draft.Reroot([verified]);
            while (engine.Draft.Step()) continue;
            TokenTree tree = engine.Draft.Finish()[0].Tree;
            Assert.Equal(chosen[^1], tree.Nodes[0].Token);
            Assert.InRange(tree.Count, 1, shape.MaxNodes);
            return (tree, figures);
        }

        TokenTree Fresh()
        {
            engine.Draft.Begin(new DraftPlan(new RoundId(++_ids), [Seed(chosen[^1]) with { Continues = false }]));
            while (engine.Draft.Step()) continue;
            return engine.Draft.Finish()[0].Tree;
        }

        RowsVerified Verify(TokenTree rows, RowsKind kind, DraftSeed? seed)
        {
            engine.Target.Begin(new PassPlan(new PassId(++_ids), [new PassRows(lease.Sequence, lease, context, rows, kind, sampling, history)]));
            if (seed is not null) engine.Draft.Begin(new DraftPlan(new RoundId(++_ids), [seed]));
            for (int layer = 0; layer < engine.Target.LayerCount; layer++)
            {
                for (int left = seed is null ? 0 : steps(layer); left > 0; left--) engine.Draft.Step();
                engine.Target.RunLayer(layer, slot: -1);
            }
            RowsVerified verified = Assert.Single(engine.Target.Finish());
            context = verified.Committed;
            if (verified.Acceptance is not { } acceptance) return verified;
            foreach (int token in kind == RowsKind.Verify ? acceptance.TokensOf(rows) : [acceptance.Bonus])
            {
                chosen.Add(token);
                history = history.Add(token, sampling);
            }
            return verified;
        }
    }

    /// <param name="First">What was drafted while the pass took the prompt was good for.</param>
    /// <param name="Ahead">The same of all passes.</param>
    /// <param name="FirstTree">The tree after the prompt.</param>
    /// <param name="FreshTree">The same, drafted in a round of its own where that was asked for.</param>
    private sealed record Answer(List<int> Tokens, AheadFigures First, AheadFigures Ahead, TokenTree FirstTree, TokenTree FreshTree);
}
