using System.Collections.Immutable;
using SubSpec.Core;
using SubSpec.Core.Engine;

namespace SubSpec.Soak;

/// <summary>Breaks the engine once, in the middle of a pass, when it is told to.</summary>
internal sealed class InjectedFailure
{
    private int _armed;

    /// <summary>Engines that were built.</summary>
    public int Builds { get; private set; }

    /// <summary>Whether it has happened.</summary>
    public bool Happened { get; private set; }

    public void Arm() => Volatile.Write(ref _armed, 1);

    public IEngine Around(IEngine engine)
    {
        Builds++;
        return new Breakable(engine, this);
    }

    private sealed class Breakable(IEngine engine, InjectedFailure failure) : IEngine, ITargetPass
    {
        public ITargetPass Target => this;

        public IDraftModel Draft => engine.Draft;

        public IWeightLink Link => engine.Link;

        public IKvPool Kv => engine.Kv;

        public ModelLimits Limits => engine.Limits;

        public int LayerCount => engine.Target.LayerCount;

        public bool IsOffloaded(int layer) => engine.Target.IsOffloaded(layer);

        public void Begin(PassPlan plan) => engine.Target.Begin(plan);

        public void RunLayer(int layer, int slot)
        {
            if (layer == LayerCount / 2 && Interlocked.Exchange(ref failure._armed, 0) == 1)
            {
                failure.Happened = true;
                throw new IOException("injected by soak");
            }
            engine.Target.RunLayer(layer, slot);
        }

        public void Drop(SequenceId sequence) => engine.Target.Drop(sequence);

        public ImmutableArray<RowsVerified> Finish() => engine.Target.Finish();

        public void Abandon() => engine.Target.Abandon();

        public void Dispose() => engine.Dispose();
    }
}
