using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;
using SubSpec.Torch.Engine;

namespace SubSpec.Torch.Tests.Engine;

/// <summary>The engine alone, without actors: chains and trees give the tokens of plain decoding.</summary>
public sealed class LosslessTests : IDisposable
{
    private const int Tokens = 96;

    private readonly ModelAssets _assets;
    private readonly EngineDriver _driver;

    public LosslessTests()
    {
        EngineBlueprint blueprint = EngineBlueprint.Draw(DemoModel.Options);
        _assets = ModelAssets.Load(blueprint);
        _driver = new EngineDriver(new CpuEngine(blueprint, _assets));
    }

    public void Dispose()
    {
        _driver.Dispose();
        _assets.Dispose();
    }

    [Theory]
    [InlineData(0, 8, 1)]
    [InlineData(0, 48, 1)]
    [InlineData(0, 24, 4)]
    [InlineData(0.8, 8, 1)]
    [InlineData(0.8, 48, 1)]
    [InlineData(0.8, 24, 4)]
    public void Speculation_gives_the_tokens_of_plain_decoding_in_fewer_passes(double temperature, int depth, int width)
    {
        var sampling = new SamplingOptions { Temperature = temperature, Seed = 7 };
        List<int> plain = _driver.Generate(DemoModel.Story, Tokens, DraftShape.None, sampling);
        int plainRounds = _driver.Rounds;
        List<int> drafted = _driver.Generate(DemoModel.Story, Tokens, new DraftShape(depth, width, Floor: 0.01, MaxNodes: 64), sampling);

        Assert.Equal(plain, drafted);
        Assert.True(_driver.Accepted > 0);
        Assert.InRange(_driver.Rounds - plainRounds, 1, plainRounds / 2);
    }
}
