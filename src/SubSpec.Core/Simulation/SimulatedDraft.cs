using System.Collections.Immutable;
using SubSpec.Core.Engine;
using SubSpec.Core.Schedules;

namespace SubSpec.Core.Simulation;

/// <summary>The draft actor on a virtual clock: one step of all drafting sequences a message, as far as the grants let it.</summary>
internal sealed class SimulatedDraft(ComputeThread thread, SimulatedCosts costs, SimulatedLink link, SimulationTotals totals)
{
    private readonly ComputeThread.Mailbox _mailbox = new(thread);
    private readonly StepAllowance _allowance = new();
    private List<SimulatedTree> _trees = [];
    private readonly ImmutableArray<WorkTime>.Builder _steps = ImmutableArray.CreateBuilder<WorkTime>();
    private Action<ImmutableArray<WorkTime>>? _drafted;
    private PassId _lastPass;
    private bool _continues;
    private bool _exhausted;
    private bool _stepQueued;

    /// <summary>Opens a round.</summary>
    /// <param name="inside">The pass that is open when the round is ordered; null for none.</param>
    /// <param name="drafted">Called with what the steps took when the trees are done.</param>
    public void Draft(IReadOnlyList<SimulatedTree> trees, StepGrants grants, PassId? inside, Action<ImmutableArray<WorkTime>> drafted) => _mailbox.Tell(() =>
    {
        (_trees, _drafted, _stepQueued, _exhausted) = ([.. trees], drafted, false, false);
        _continues = trees.Any(t => t.Continues);
        _steps.Clear();
        _allowance.Open(grants);
        if (inside is { } pass && pass.Value <= _lastPass.Value) EndPass();
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
        EndPass();
        QueueStep();
        return ComputeWork.None;
    });

    /// <summary>The tree's sequence is over.</summary>
    public void Drop(SimulatedTree tree) => _mailbox.Tell(() =>
    {
        if (_trees.Remove(tree) && _trees.Count == 0) End();
        return ComputeWork.None;
    });

    private void EndPass()
    {
        _allowance.PassOver();
        if (!_continues) return;
        (_continues, _exhausted) = (false, false);
        foreach (SimulatedTree tree in _trees.Where(t => t.Continues)) totals.AddAhead(tree.Reroot());
    }

    private void QueueStep()
    {
        if (_drafted is null || _stepQueued || _exhausted || !_allowance.Any) return;
        _stepQueued = true;
        _mailbox.Tell(Step);
    }

    private ComputeWork Step()
    {
        _stepQueued = false;
        if (_drafted is null || !_allowance.Any) return ComputeWork.None;
        _allowance.Take();
        int rows = _trees.Sum(t => t.StepRows);
        double seconds = costs.DraftStepSeconds(rows), busy = link.BusySeconds;
        return new ComputeWork(seconds, () =>
        {
            _steps.Add(new WorkTime(rows, seconds));
            totals.AddStep(rows, seconds, Math.Clamp(link.BusySeconds - busy, 0, seconds));
            SimulatedTree.StepAll(_trees);
            if (_trees.Exists(t => t.CanStep)) QueueStep();
            // What continues a tree waits for the pass that verifies it, although nothing more can be drafted ahead.
            else if (_continues) _exhausted = true;
            else End();
        });
    }

    private void End()
    {
        Action<ImmutableArray<WorkTime>> drafted = _drafted!;
        (_drafted, _trees) = (null, []);
        _allowance.Close();
        drafted(_steps.ToImmutable());
    }
}
