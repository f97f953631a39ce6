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
            (List<int> tokens, AheadFigures figures) = Generate(prompt, shape, sampling, new Random(seed));
            Assert.Equal(plain, tokens);
            ahead += figures;
        }
        Assert.Equal(8, _demo.Plan.Layers.Count(l => l == LayerPlacement.ResidentWithSubstitute));
        Assert.InRange(ahead.Hits, 8, int.MaxValue);
        // Three choices wide, what follows the leaves included, no ending of this story is missed.
        Assert.InRange(ahead.Misses, width < 3 ? 1 : 0, int.MaxValue);
    }

    public void Dispose() => _demo.Dispose();

    /// <summary>As the actors do it, with draft steps between layers at random.</summary>
    private (List<int> Tokens, AheadFigures Ahead) Generate(int[] prompt, DraftShape shape, SamplingOptions sampling, Random random)
    {
        CpuEngine engine = _demo.Engine;
        // Slots of its own: the driver's sequences are over and their leases older.
        var lease = new KvLease(new SequenceId(1000 + ++_ids), 1000 + _ids, [.. Enumerable.Range(0, engine.Kv.SlotCount).OrderBy(_ => random.Next())]);
        TokenHistory history = TokenHistory.For(sampling, prompt);
        var tokens = new List<int>();
        int context = 0;
        AheadFigures ahead = default;

        Verify(TokenTree.Chain(prompt), RowsKind.LastPrefill, drafts: false);
        TokenTree tree = Draft(Seed());
        while (tokens.Count < Tokens && !engine.Limits.EosTokens.Contains(tokens[^1]))
        {
            RowsVerified verified = Verify(tree, RowsKind.Verify, drafts: true);
            ahead += engine.Draft.Reroot([verified]);
            while (engine.Draft.Step()) continue;
            tree = engine.Draft.Finish()[0].Tree;
            Assert.Equal(tokens[^1], tree.Nodes[0].Token);
            Assert.InRange(tree.Count, 1, shape.MaxNodes);
        }
        engine.Draft.Abandon();
        engine.Kv.Retire(lease, lease.Slots);
        int end = tokens.FindIndex(engine.Limits.EosTokens.Contains);
        return ([.. tokens.Take(Math.Min(Tokens, end < 0 ? Tokens : end + 1))], ahead);

        DraftSeed Seed() => new(lease.Sequence, lease, context, tokens[^1], shape, sampling, history) { LooksAhead = true };

        TokenTree Draft(DraftSeed seed)
        {
            engine.Draft.Begin(new DraftPlan(new RoundId(++_ids), [seed]));
            while (engine.Draft.Step()) continue;
            return engine.Draft.Finish()[0].Tree;
        }

        RowsVerified Verify(TokenTree rows, RowsKind kind, bool drafts)
        {
            engine.Target.Begin(new PassPlan(new PassId(++_ids), [new PassRows(lease.Sequence, lease, context, rows, kind, sampling, history)]));
            if (drafts) engine.Draft.Begin(new DraftPlan(new RoundId(++_ids), [Seed() with { Continues = true }]));
            for (int layer = 0; layer < engine.Target.LayerCount; layer++)
            {
                for (int steps = drafts ? random.Next(3) : 0; steps > 0; steps--) engine.Draft.Step();
                engine.Target.RunLayer(layer, slot: -1);
            }
            RowsVerified verified = Assert.Single(engine.Target.Finish());
            context = verified.Committed;
            ImmutableArray<int> chosen = kind == RowsKind.Verify ? verified.Acceptance!.TokensOf(rows) : [verified.Acceptance!.Bonus];
            foreach (int token in chosen)
            {
                tokens.Add(token);
                history = history.Add(token, sampling);
            }
            return verified;
        }
    }
}
