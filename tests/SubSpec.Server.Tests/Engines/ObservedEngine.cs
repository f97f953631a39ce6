using System.Collections.Immutable;
using SubSpec.Core;
using SubSpec.Core.Engine;

namespace SubSpec.Server.Tests.Engines;

/// <summary>An engine whose passes a test wants to know about.</summary>
internal sealed class ObservedEngine(IEngine engine) : IEngine, ITargetPass
{
    /// <summary>Told of each pass, on the compute thread.</summary>
    public required Action<PassPlan> OnBegin { get; init; }

    public ITargetPass Target => this;

    public IDraftModel Draft => engine.Draft;

    public IWeightLink Link => engine.Link;

    public IKvPool Kv => engine.Kv;

    public ModelLimits Limits => engine.Limits;

    public int LayerCount => engine.Target.LayerCount;

    public bool IsOffloaded(int layer) => engine.Target.IsOffloaded(layer);

    public void Begin(PassPlan plan)
    {
        OnBegin(plan);
        engine.Target.Begin(plan);
    }

    public void RunLayer(int layer, int slot) => engine.Target.RunLayer(layer, slot);

    public void Drop(SequenceId sequence) => engine.Target.Drop(sequence);

    public ImmutableArray<RowsVerified> Finish() => engine.Target.Finish();

    public void Abandon() => engine.Target.Abandon();

    public void Dispose() => engine.Dispose();
}
