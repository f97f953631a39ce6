using SubSpec.Core.Kv;
using SubSpec.Core.Schedules;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Simulation;

/// <summary>How long an answer is.</summary>
/// <param name="PromptTokens">Tokens of the prompt, 1 or more.</param>
/// <param name="Tokens">Tokens of the answer, 2 or more: the first one belongs to the prompt.</param>
/// <param name="MaxTokens">Tokens that were asked for: nobody knows before that the text ends earlier.</param>
public sealed record SimulatedAnswer(int PromptTokens, int Tokens, int MaxTokens);

/// <summary>One answer: its prompt, what may still be chosen, and the tree that it is drafting or has drafted.</summary>
/// <param name="treeRows">Rows of the largest tree: KV slots beyond prompt and output.</param>
internal sealed class SimulatedSequence(SequenceId id, SimulatedText text, SimulatedAnswer answer, int treeRows)
{
    private readonly int _slots = (answer.PromptTokens + answer.MaxTokens + treeRows + KvLedger.BlockSlots - 1) / KvLedger.BlockSlots * KvLedger.BlockSlots;

    // Positions count from the last prompt token, the root before any token is chosen.
    private int _position;
    private int _rows;

    public SequenceId Id => id;

    public int PromptLeft { get; private set; } = answer.PromptTokens;

    /// <summary>Tokens after the first one, which belongs to the prompt.</summary>
    public int Decoded => Math.Max(0, _position - 1);

    /// <summary>Tokens that may still be chosen.</summary>
    public int TokensLeft => answer.MaxTokens - _position;

    public bool IsOver => _position == answer.Tokens;

    public SequenceProgress Progress => new(Id, PromptLeft, TokensLeft);

    /// <summary>What it is drafting, or has drafted and not verified yet.</summary>
    public SimulatedTree? Tree { get; private set; }

    /// <summary>Begins the tree of a round, or goes on with the one that is verified or below the prompt that ends in the open pass.</summary>
    public SimulatedTree Draft(DraftOrder order, AcceptanceCalibration calibration)
    {
        DraftShape shape = order.Shape with { Depth = Math.Min(order.Shape.Depth, TokensLeft - 1) };
        int capacity = _slots - answer.PromptTokens - _position + 1;
        if (!order.Continues) return Tree = new SimulatedTree(text, _position, shape, calibration, order.LooksAhead ? capacity : null);
        if (PromptLeft > 0) return Tree = SimulatedTree.AfterPrompt(text, _rows, shape, calibration, capacity - _rows);
        SimulatedTree tree = Tree ?? throw new InvalidOperationException($"{id}: there is no tree to continue");
        tree.Continue(shape);
        return tree;
    }

    /// <summary>Its rows of a pass: a chunk of the prompt, else the tree, else the root alone.</summary>
    public int Rows(int promptRows) => _rows = PromptLeft > 0 ? Math.Clamp(promptRows, 1, PromptLeft) : Tree?.Rows ?? 1;

    /// <summary>Wrong first choices of the draft that the last pass has found.</summary>
    public int WrongChoices { get; private set; }

    /// <summary>Takes over what a pass has found; the draft tokens that it accepted, or null where no tree was verified.</summary>
    public int? Commit()
    {
        WrongChoices = 0;
        if (PromptLeft > 0)
        {
            PromptLeft -= _rows;
            if (PromptLeft > 0) return null;
            _position = 1;
            Tree?.EndPrompt();
            return null;
        }
        int accepted = Tree?.Accepted() ?? 0, chosen = Math.Min(accepted + 1, answer.Tokens - _position);
        WrongChoices = Tree?.WrongChoices ?? 0;
        if (Tree is { Continues: false }) Tree = null;
        _position += chosen;
        return Math.Min(accepted, chosen);
    }
}
