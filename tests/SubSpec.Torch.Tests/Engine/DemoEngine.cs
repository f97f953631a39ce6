using SubSpec.Core.Planning;
using SubSpec.Torch.Engine;

namespace SubSpec.Torch.Tests.Engine;

/// <summary>The demo model in an engine without actors.</summary>
public sealed class DemoEngine : IDisposable
{
    private readonly ModelAssets _assets;

    /// <summary>With every layer offloaded.</summary>
    public DemoEngine()
        : this(DemoModel.Options)
    {
    }

    internal DemoEngine(EngineOptions options, CostModel? cost = null)
    {
        var blueprint = EngineBlueprint.Draw(options, cost);
        Plan = blueprint.Plan;
        _assets = ModelAssets.Load(blueprint);
        Engine = new CpuEngine(blueprint, _assets);
        Driver = new EngineDriver(Engine);
    }

    public MemoryPlan Plan { get; }

    public CpuEngine Engine { get; }

    internal EngineDriver Driver { get; }

    public void Dispose()
    {
        Engine.Dispose();
        _assets.Dispose();
    }
}
