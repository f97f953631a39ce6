using SubSpec.Core.Engine;
using SubSpec.Core.Schedules;

namespace SubSpec.Core.Simulation;

/// <summary>What a pass took.</summary>
/// <param name="StreamSeconds">Of the link, for its layers.</param>
/// <param name="Layers">Layers that it streamed.</param>
internal readonly record struct PassWork(WorkTime Verify, double StreamSeconds, int Layers);

/// <summary>The verify actor on a virtual clock: one layer a message; where the next one is not there yet, draft steps come in.</summary>
internal sealed class SimulatedVerify
{
    private readonly VirtualClock _clock;
    private readonly ComputeThread.Mailbox _mailbox;
    private readonly SimulatedCosts _costs;
    private readonly SimulatedLink _link;
    private readonly SimulatedDraft _draft;
    private readonly SimulationTotals _totals;
    private readonly Dictionary<(PassId Pass, int Layer), RingRead> _ready = [];
    private PassId _pass;
    private StepGrants _grants = StepGrants.None;
    private Action<PassWork> _verified = _ => { };
    private int _rows, _layer, _streamed;
    private double _seconds;
    private (double At, double DraftSeconds)? _waiting;

    public SimulatedVerify(VirtualClock clock, ComputeThread thread, SimulatedCosts costs, SimulatedLink link, SimulatedDraft draft, SimulationTotals totals)
    {
        (_clock, _costs, _link, _draft, _totals) = (clock, costs, link, draft, totals);
        _mailbox = new ComputeThread.Mailbox(thread);
        link.Ready = read => _mailbox.Tell(() => OnReady(read));
    }

    /// <summary>Opens a pass; none may be open.</summary>
    /// <param name="rows">Rows of all its sequences together.</param>
    /// <param name="verified">Called with what it took when it has ended.</param>
    public void Begin(PassId pass, int rows, StepGrants grants, Action<PassWork> verified) => _mailbox.Tell(() =>
    {
        (_pass, _rows, _grants, _verified, _layer, _streamed, _seconds) = (pass, rows, grants, verified, 0, 0, 0);
        _link.StreamTo(pass);
        return Compute(_costs.BeginSeconds, GoOn);
    });

    private ComputeWork OnReady(RingRead read)
    {
        _ready.Add((read.Pass, read.Layer), read);
        return _waiting is not null && read.Pass == _pass && read.Layer == _layer ? RunLayer() : ComputeWork.None;
    }

    private void GoOn()
    {
        if (_layer == _costs.Layers)
        {
            _mailbox.Tell(() => Compute(_costs.FinishSeconds(_rows), End));
            return;
        }
        if (!_costs.IsOffloaded(_layer) || _ready.ContainsKey((_pass, _layer)))
        {
            _mailbox.Tell(RunLayer);
            return;
        }
        _waiting = (_clock.Now, _totals.DraftSeconds);
        _draft.PassWaits(_layer, _grants.StepsBefore(_layer));
    }

    private ComputeWork RunLayer()
    {
        EndWait();
        bool streamed = _ready.Remove((_pass, _layer), out RingRead read);
        return Compute(_costs.LayerSeconds(_rows), () =>
        {
            if (streamed)
            {
                _streamed++;
                _totals.AddLayer(_costs.LayerBytes);
                _link.Consumed(read);
            }
            _layer++;
            GoOn();
        });
    }

    private void End()
    {
        _totals.AddPass(_rows);
        _draft.PassOver(_pass);
        _verified(new PassWork(new WorkTime(_rows, _seconds), _streamed * _costs.StreamSeconds, _streamed));
    }

    /// <summary>Draft steps during the wait are no stall.</summary>
    private void EndWait()
    {
        if (_waiting is not var (at, drafted)) return;
        _waiting = null;
        _totals.AddStall(Math.Max(0, _clock.Now - at - (_totals.DraftSeconds - drafted)));
        _draft.PassRuns();
    }

    private ComputeWork Compute(double seconds, Action after) => new(seconds, () =>
    {
        _seconds += seconds;
        _totals.AddVerify(seconds);
        after();
    });
}
