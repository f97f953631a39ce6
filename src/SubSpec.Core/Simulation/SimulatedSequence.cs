using SubSpec.Core.Schedules;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Simulation;

/// <summary>One answer: its prompt, what may still be chosen, and the tree that it is drafting or has drafted.</summary>
internal sealed class SimulatedSequence(SequenceId id, SimulatedText text, int promptTokens, int maxTokens)
{
    // Positions count from the last prompt token, the root before any token is chosen.
    private int _position;
    private int _rows;
    private bool _begun;
    private ISimulatedTree? _tree;

    public SequenceId Id => id;

    public int PromptLeft { get; private set; } = promptTokens;

    public int TokensLeft { get; private set; } = maxTokens;

    public bool IsOver => TokensLeft == 0;

    public SequenceProgress Progress => new(Id, PromptLeft, TokensLeft);

    /// <summary>When its first and its last token were chosen, in seconds.</summary>
    public (double First, double Last) Times { get; private set; }

    /// <summary>Begins the tree of a round.</summary>
    public ISimulatedTree Draft(DraftShape shape, MeasuredAcceptance? measured, AcceptanceCalibration calibration)
    {
        shape = shape with { Depth = Math.Min(shape.Depth, TokensLeft - 1) };
        return _tree = measured is not null
            ? new MeasuredTree(measured, text.RoundDraw(_position), shape)
            : new GrownTree(text, _position, shape, calibration);
    }

    /// <summary>Its rows of a pass: a chunk of the prompt, else the tree, else the root alone.</summary>
    public int Rows(int promptRows) => _rows = PromptLeft > 0 ? Math.Clamp(promptRows, 1, PromptLeft) : _tree?.Rows ?? 1;

    /// <summary>Takes over what a pass has found; the draft tokens that it accepted, or null where no tree was verified.</summary>
    public int? Commit(double now)
    {
        if (PromptLeft > 0)
        {
            PromptLeft -= _rows;
            if (PromptLeft == 0) Choose(1, now);
            return null;
        }
        int accepted = Math.Min(_tree?.Accepted() ?? 0, TokensLeft - 1);
        _tree = null;
        Choose(accepted + 1, now);
        return accepted;
    }

    private void Choose(int tokens, double now)
    {
        Times = (_begun ? Times.First : now, now);
        _begun = true;
        TokensLeft -= tokens;
        _position += tokens;
    }
}
