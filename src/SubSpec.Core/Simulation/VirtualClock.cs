namespace SubSpec.Core.Simulation;

/// <summary>Time that passes only by what happens in it. What is due at the same moment happens in the order in which it was planned.</summary>
internal sealed class VirtualClock
{
    private readonly PriorityQueue<Action, (double Time, long Order)> _due = new();
    private long _order;

    /// <summary>Seconds.</summary>
    public double Now { get; private set; }

    public void At(double time, Action happens) => _due.Enqueue(happens, (time, _order++));

    /// <summary>Lets happen whatever is planned, and what follows from it, until nothing is left.</summary>
    public void Run()
    {
        while (_due.TryDequeue(out Action? happens, out (double Time, long Order) due))
        {
            Now = due.Time;
            happens();
        }
    }
}
