using SubSpec.Core.Engine;

namespace SubSpec.Core.Simulation;

/// <summary>The draft actor on a virtual clock: one step of all drafting sequences a message, as far as the grants let it.</summary>
internal sealed class SimulatedDraft(ComputeThread thread, SimulatedCosts costs, SimulatedLink link, SimulationTotals totals)
{
    private readonly ComputeThread.Mailbox _mailbox = new(thread);
    private readonly StepAllowance _allowance = new();
    private IReadOnlyList<ISimulatedTree> _trees = [];
    private Action? _drafted;
    private PassId _lastPass;
    private bool _stepQueued;

    /// <summary>Opens a round.</summary>
    /// <param name="inside">The pass that is open when the round is ordered; null for none.</param>
    /// <param name="drafted">Called when the trees are done.</param>
    public void Draft(IReadOnlyList<ISimulatedTree> trees, StepGrants grants, PassId? inside, Action drafted) => _mailbox.Tell(() =>
    {
        (_trees, _drafted, _stepQueued) = (trees, drafted, false);
        _allowance.Open(grants);
        if (inside is { } pass && pass.Value <= _lastPass.Value) _allowance.PassOver();
        QueueStep();
        return ComputeWork.None;
    });

    /// <summary>The open pass waits for a layer.</summary>
    public void PassWaits(int layer, int steps) => _mailbox.Tell(() =>
    {
        _allowance.Wait(layer, steps);
        QueueStep();
        return ComputeWork.None;
    });

    /// <summary>The layer is there.</summary>
    public void PassRuns() => _mailbox.Tell(() =>
    {
        _allowance.Run();
        return ComputeWork.None;
    });

    public void PassOver(PassId pass) => _mailbox.Tell(() =>
    {
        _lastPass = pass;
        _allowance.PassOver();
        QueueStep();
        return ComputeWork.None;
    });

    private void QueueStep()
    {
        if (_drafted is null || _stepQueued || !_allowance.Any) return;
        _stepQueued = true;
        _mailbox.Tell(Step);
    }

    private ComputeWork Step()
    {
        _stepQueued = false;
        if (_drafted is null || !_allowance.Any) return ComputeWork.None;
        _allowance.Take();
        double seconds = costs.DraftStepSeconds(_trees.Sum(t => t.FrontierRows)), busy = link.BusySeconds;
        return new ComputeWork(seconds, () =>
        {
            totals.AddStep(seconds, Math.Clamp(link.BusySeconds - busy, 0, seconds));
            foreach (ISimulatedTree tree in _trees) tree.Step();
            if (_trees.Any(t => !t.IsComplete)) QueueStep();
            else End();
        });
    }

    private void End()
    {
        Action drafted = _drafted!;
        (_drafted, _trees) = (null, []);
        _allowance.Close();
        drafted();
    }
}
