namespace SubSpec.Core.Simulation;

/// <summary>What a handler does: the seconds that it computes, and what follows at their end.</summary>
internal readonly record struct ComputeWork(double Seconds, Action After)
{
    /// <summary>Nothing to compute.</summary>
    public static ComputeWork None { get; } = new(0, () => { });
}

/// <summary>
/// The thread of compute actors on a virtual clock: mailboxes take turns, one message a turn, as on the compute dispatcher
/// (one thread, throughput 1). A message's order of arrival therefore decides what an arrived layer or a queued draft step waits for.
/// </summary>
internal sealed class ComputeThread(VirtualClock clock)
{
    private readonly Queue<Mailbox> _ready = new();
    private bool _busy;

    private void Wake(Mailbox mailbox)
    {
        _ready.Enqueue(mailbox);
        Next();
    }

    private void Next()
    {
        if (_busy || !_ready.TryDequeue(out Mailbox? mailbox)) return;
        _busy = true;
        ComputeWork work = mailbox.Messages.Dequeue()();
        clock.At(clock.Now + work.Seconds, () =>
        {
            work.After();
            if (mailbox.Messages.Count > 0) _ready.Enqueue(mailbox);
            else mailbox.IsScheduled = false;
            _busy = false;
            Next();
        });
    }

    /// <summary>The mailbox of one actor on the thread.</summary>
    internal sealed class Mailbox(ComputeThread thread)
    {
        public Queue<Func<ComputeWork>> Messages { get; } = new();

        public bool IsScheduled { get; set; }

        public void Tell(Func<ComputeWork> handler)
        {
            Messages.Enqueue(handler);
            if (IsScheduled) return;
            IsScheduled = true;
            thread.Wake(this);
        }
    }
}
