using System.Collections.Immutable;
using SubSpec.Core;
using SubSpec.Core.Engine;

namespace SubSpec.Server.Tests.Lossless;

/// <summary>A real engine whose layers arrive late, and run late, and whose draft steps take their time, at random.</summary>
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

    /// <summary>Half of the time nothing, else up to 4 ms: longer than a layer of the demo takes.</summary>
    private TimeSpan NextDelay()
    {
        lock (_lock)
        {
            if (_random.Next(2) == 0) return TimeSpan.Zero;
            Delays++;
            return TimeSpan.FromMilliseconds(_random.Next(1, 5));
        }
    }

    private sealed class LateTarget(ITargetPass target, LateEngine late) : ITargetPass
    {
        public int LayerCount => target.LayerCount;

        public bool IsOffloaded(int layer) => target.IsOffloaded(layer);

        public void Begin(PassPlan plan) => target.Begin(plan);

        public void RunLayer(int layer, int slot)
        {
            Thread.Sleep(late.NextDelay());
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
            Thread.Sleep(late.NextDelay());
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
            link.BeginRead(layer, slot, read => _ = Task.Delay(late.NextDelay()).ContinueWith(_ => completed(read), TaskScheduler.Default));

        public void CancelReads() => link.CancelReads();
    }
}
