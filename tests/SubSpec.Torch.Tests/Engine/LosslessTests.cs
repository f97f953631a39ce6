using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;
using SubSpec.Torch.Engine;

namespace SubSpec.Torch.Tests.Engine;

public class LosslessTests
{
    [Fact]
    public void Speculation_gives_the_tokens_of_plain_decoding()
    {
        EngineBlueprint blueprint = EngineBlueprint.Draw(DemoModel.Options with { Threads = int.Parse(Environment.GetEnvironmentVariable("TH") ?? "2") });
        using ModelAssets assets = ModelAssets.Load(blueprint);
        using var driver = new EngineDriver(new CpuEngine(blueprint, assets));
        foreach (SamplingOptions sampling in new[] { SamplingOptions.Greedy, new SamplingOptions { Temperature = 0.8, Seed = 7 } })
        {
            var sw = System.Diagnostics.Stopwatch.StartNew();
            List<int> plain = driver.Generate(DemoModel.Story, 200, DraftShape.None, sampling);
            double tp = sw.Elapsed.TotalSeconds;
            foreach (DraftShape shape in new[] { new DraftShape(8, 1, 0, 9), new DraftShape(48, 1, 0, 49), new DraftShape(24, 4, 0.01, 64) })
            {
                int rounds = driver.Rounds, accepted = driver.Accepted;
                sw.Restart();
                List<int> drafted = driver.Generate(DemoModel.Story, 200, shape, sampling);
                Console.WriteLine($"T={sampling.Temperature} {shape}: tau {(driver.Accepted - accepted) / (double)(driver.Rounds - rounds):F2} of {plain.Count}: {sw.Elapsed.TotalSeconds:F2} s vs {tp:F2}");
                Assert.Equal(plain, drafted);
            }
        }
    }
}
