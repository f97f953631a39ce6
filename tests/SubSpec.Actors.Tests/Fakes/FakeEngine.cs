using SubSpec.Core.Engine;

namespace SubSpec.Actors.Tests.Fakes;

/// <summary>How a fake engine is made.</summary>
internal sealed record FakeEngineOptions
{
    public ToyModel Model { get; init; } = new();

    public int Layers { get; init; } = 6;

    /// <summary>Layers that come through the link.</summary>
    public int[] Offloaded { get; init; } = [1, 2, 4, 5];

    public int RingSlots { get; init; } = 2;

    public int KvSlots { get; init; } = 2048;

    public int Context { get; init; } = 512;

    public int RowLimit { get; init; } = 64;

    public double Rightness { get; init; } = 0.85;
}

/// <summary>A whole engine around the toy model.</summary>
internal sealed class FakeEngine : IEngine
{
    public FakeEngine(FakeEngineOptions options)
    {
        Kv = new FakeKvPool(options.KvSlots);
        Link = new FakeLink(options.RingSlots, options.Offloaded);
        Target = new FakeTarget(options.Model, Kv, Link, options.Layers);
        Draft = new FakeDraft(options.Model, Kv, options.Rightness);
        Limits = new ModelLimits(options.Context, options.Model.Vocabulary, [ToyModel.Eos], options.RowLimit);
    }

    public FakeTarget Target { get; }

    public FakeDraft Draft { get; }

    public FakeLink Link { get; }

    public FakeKvPool Kv { get; }

    public ModelLimits Limits { get; }

    public bool IsDisposed { get; private set; }

    public int DisposeThread { get; private set; }

    ITargetPass IEngine.Target => Target;

    IDraftModel IEngine.Draft => Draft;

    IWeightLink IEngine.Link => Link;

    IKvPool IEngine.Kv => Kv;

    public void Dispose()
    {
        if (IsDisposed) throw new ObjectDisposedException(nameof(FakeEngine));
        IsDisposed = true;
        DisposeThread = Environment.CurrentManagedThreadId;
    }
}
