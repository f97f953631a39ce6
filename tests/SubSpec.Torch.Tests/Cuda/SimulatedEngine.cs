using SubSpec.Torch.Cuda;
using SubSpec.Torch.Engine;
using SubSpec.Torch.Tests.Engine;

namespace SubSpec.Torch.Tests.Cuda;

/// <summary>The whole engine of the GPU on a fake runtime, with libtorch computing in the host's memory: everything but the GPU itself.</summary>
internal sealed class SimulatedEngine : IDisposable
{
    public SimulatedEngine(EngineOptions options, FakeCuda? cuda = null)
    {
        Cuda = cuda ?? new FakeCuda();
        Blueprint = EngineBlueprint.Draw(options with { CudaDevice = 0 });
        Assets = ModelAssets.Load(Blueprint);
        Engine = new CudaEngine(CudaDevice.Simulate(Cuda), Blueprint, Assets);
        Driver = new EngineDriver(Engine);
    }

    public FakeCuda Cuda { get; }

    public EngineBlueprint Blueprint { get; }

    public ModelAssets Assets { get; }

    public CudaEngine Engine { get; }

    public EngineDriver Driver { get; }

    public void Dispose()
    {
        Engine.Dispose();
        Assets.Dispose();
    }
}
