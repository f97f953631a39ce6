namespace SubSpec.Core.Engine;

/// <summary>How many draft steps the grants of round and pass allow now.</summary>
public sealed class StepAllowance
{
    private StepGrants? _round;
    private int _atOnce;
    private int _beforeLayer;
    private (int Layer, int Steps)? _waiting;

    /// <summary>True while a round is open and may step.</summary>
    public bool Any => _round is not null && (_atOnce > 0 || _beforeLayer > 0);

    /// <summary>A round opens with these grants.</summary>
    public void Open(StepGrants grants)
    {
        (_round, _atOnce) = (grants, grants.AtOnce);
        Grant();
    }

    /// <summary>Uses one step up; those before the layer go first, since they lapse.</summary>
    public void Take()
    {
        if (_beforeLayer > 0) _beforeLayer--;
        else if (_atOnce != int.MaxValue) _atOnce--;
    }

    /// <summary>The open pass waits for a layer and grants this many steps.</summary>
    public void Wait(int layer, int steps)
    {
        _waiting = (layer, steps);
        Grant();
    }

    /// <summary>The layer is there.</summary>
    public void Run()
    {
        _waiting = null;
        _beforeLayer = 0;
    }

    /// <summary>The pass is over: compute has nothing else to do.</summary>
    public void PassOver()
    {
        Run();
        if (_round is not null) _atOnce = int.MaxValue;
    }

    /// <summary>The round is over.</summary>
    public void Close() => (_round, _atOnce, _beforeLayer) = (null, 0, 0);

    private void Grant() =>
        _beforeLayer = _round is not null && _waiting is var (layer, steps) ? Math.Max(steps, _round.StepsBefore(layer)) : 0;
}
