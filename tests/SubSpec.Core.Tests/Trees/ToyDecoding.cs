using System.Collections.Immutable;
using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Tests.Trees;

/// <summary>What becomes of a walk's bonus token after node <paramref name="node"/>: itself, or a mistake to be found.</summary>
internal delegate int BonusRule(TokenTree tree, int node, int bonus, Func<SamplingOptions, int> redraw);

/// <summary>Plain and speculative decoding with toy models, put together from the product's own parts as an engine does.</summary>
internal sealed class ToyDecoding(ToyModel target, ToyModel draft, ImmutableArray<int> prompt)
{
    private readonly Sampler _sampler = new(target.Vocabulary);
    private readonly AcceptanceCalibration _calibration = new();

    /// <summary>Draft tokens accepted so far.</summary>
    public long Accepted { get; private set; }

    public int[] Plain(int count, SamplingOptions options)
    {
        List<int> path = [.. prompt];
        TokenHistory history = TokenHistory.For(options, prompt);
        for (int i = 0; i < count; i++)
        {
            int token = _sampler.Choose(target.Logits(path[^2], path[^1]), options, history, path.Count);
            path.Add(token);
            history = history.Add(token, options);
        }
        return [.. path.Skip(prompt.Length)];
    }

    /// <param name="draftOptions">The draft's own sampling; its seed may be any.</param>
    public int[] Speculative(int count, SamplingOptions options, SamplingOptions draftOptions, DraftShape shape, BonusRule? bonusRule = null)
    {
        List<int> path = [.. prompt];
        TokenHistory history = TokenHistory.For(options, prompt);
        path.Add(_sampler.Choose(target.Logits(path[^2], path[^1]), options, history, path.Count));
        history = history.Add(path[^1], options);
        while (path.Count < prompt.Length + count)
        {
            int left = prompt.Length + count - path.Count;
            TokenTree tree = Draft(path, history, draftOptions, shape with { Depth = Math.Min(shape.Depth, left - 1) });
            int Choose(int node, TokenHistory seen, SamplingOptions how)
            {
                (int previous, int last) = LastTwo(path, tree.Nodes, node);
                return _sampler.Choose(target.Logits(previous, last), how, seen, path.Count + tree.DepthOf(node));
            }

            Acceptance found = AcceptanceWalk.Walk(tree, options, history, (node, seen) => Choose(node, seen, options));
            AcceptanceWalk.Observe(tree, found, _calibration);
            if (bonusRule is not null)
            {
                int last = found.Nodes[^1];
                found = found with { Bonus = bonusRule(tree, last, found.Bonus, how => Choose(last, history, how)) };
            }
            foreach (int token in found.TokensOf(tree))
            {
                path.Add(token);
                history = history.Add(token, options);
            }
            Accepted += found.Accepted;
        }
        return [.. path.Skip(prompt.Length)];
    }

    private TokenTree Draft(List<int> path, TokenHistory history, SamplingOptions options, DraftShape shape)
    {
        var growth = new TreeGrowth(path[^1], shape, _calibration);
        List<TokenHistory> histories = [history];
        RankedToken[] ranked = new RankedToken[growth.ChildrenPerNode];
        while (!growth.IsComplete)
        {
            (int start, int end) = growth.Frontier;
            for (int node = start; node < end; node++)
            {
                if (node > 0) histories.Add(histories[growth[node].Parent].Add(growth[node].Token, options));
                int parent = growth[node].Parent;
                int previous = parent < 0 ? path[^2] : growth[parent].Token;
                int found = _sampler.Rank(draft.Logits(previous, growth[node].Token), options, histories[node], path.Count + growth.Depth, ranked);
                growth.Offer(node, ranked.AsSpan(0, found));
            }
            growth.Step();
        }
        return growth.ToTree();
    }

    private static (int Previous, int Last) LastTwo(List<int> path, ImmutableArray<TreeNode> nodes, int node) =>
        (node == 0 ? path[^2] : nodes[nodes[node].Parent].Token, nodes[node].Token);
}
