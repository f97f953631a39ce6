using System.Collections.Immutable;
using SubSpec.Core;
using SubSpec.Core.Engine;

namespace SubSpec.Server.Tests.Lossless;

/// <summary>
/// A real engine whose layers arrive late, and run late, and whose draft steps take their time, at random. Nothing waits for the clock: the compute thread is busy
/// for some turns, and the end of a read stands in the thread pool's queue so many times. So layers come out of order, and in every order with the steps.
/// </summary>
internal sealed class LateEngine : IEngine
{
    private readonly IEngine _engine;
    private readonly Random _random;
    private readonly Lock _lock = new();

    public LateEngine(IEngine engine, int seed)
    {
        (_engine, _random) = (engine, new Random(seed));
        (Target, Draft, Link) = (new LateTarget(engine.Target, this), new LateDraft(engine.Draft, this), new LateLink(engine.Link, this));
    }

    /// <summary>What was late so far.</summary>
    public int Delays { get; private set; }

    public ITargetPass Target { get; }

    public IDraftModel Draft { get; }

    public IWeightLink Link { get; }

    public IKvPool Kv => _engine.Kv;

    public ModelLimits Limits => _engine.Limits;

    public void Dispose() => _engine.Dispose();

    /// <summary>Turns to be late by: half of the time none.</summary>
    private int NextDelay()
    {
        lock (_lock)
        {
            if (_random.Next(2) == 0) return 0;
            Delays++;
            return _random.Next(1, 100);
        }
    }

    private sealed class LateTarget(ITargetPass target, LateEngine late) : ITargetPass
    {
        public int LayerCount => target.LayerCount;

        public bool IsOffloaded(int layer) => target.IsOffloaded(layer);

        public void Begin(PassPlan plan) => target.Begin(plan);

        public void RunLayer(int layer, int slot)
        {
            Thread.SpinWait(late.NextDelay() * 1000);
            target.RunLayer(layer, slot);
        }

        public void Drop(SequenceId sequence) => target.Drop(sequence);

        public ImmutableArray<RowsVerified> Finish() => target.Finish();

        public void Abandon() => target.Abandon();
    }

    private sealed class LateDraft(IDraftModel draft, LateEngine late) : IDraftModel
    {
        public int StepRows => draft.StepRows;

        public void Begin(DraftPlan plan) => draft.Begin(plan);

        public bool Step()
        {
            Thread.SpinWait(late.NextDelay() * 1000);
            return draft.Step();
        }

        public AheadFigures Reroot(ImmutableArray<RowsVerified> verified) => draft.Reroot(verified);

        public void Drop(SequenceId sequence) => draft.Drop(sequence);

        public ImmutableArray<DraftedTree> Finish() => draft.Finish();

        public void Abandon() => draft.Abandon();
    }

    private sealed class LateLink(IWeightLink link, LateEngine late) : IWeightLink
    {
        public int SlotCount => link.SlotCount;

        public IReadOnlyList<int> OffloadedLayers => link.OffloadedLayers;

        public LinkStats Stats => link.Stats;

        public long LayerBytes(int layer) => link.LayerBytes(layer);

        public void BeginRead(int layer, int slot, Action<LayerRead> completed) =>
            link.BeginRead(layer, slot, read => Queue(() => completed(read), late.NextDelay()));

        public void CancelReads() => link.CancelReads();

        private static void Queue(Action completed, int turns) => ThreadPool.QueueUserWorkItem(_ =>
        {
            if (turns == 0) completed();
            else Queue(completed, turns - 1);
        });
    }
}
