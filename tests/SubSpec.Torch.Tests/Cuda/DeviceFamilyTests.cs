using System.Collections.Immutable;
using SubSpec.Core;
using SubSpec.Core.Engine;
using SubSpec.Core.Kv;
using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;
using SubSpec.Torch.Engine;
using SubSpec.Torch.Safetensors;
using SubSpec.Torch.Tests.Engine;
using SubSpec.Torch.Tests.Models;
using SubSpec.Torch.Tests.Streaming;
using Xunit.Abstractions;

namespace SubSpec.Torch.Tests.Cuda;

/// <summary>Every family and layout through the GPU's operations, on sizes that divide nothing evenly, against the processor's engine.</summary>
[Collection(nameof(ProcessWideCounters))]
public class DeviceFamilyTests(ITestOutputHelper output)
{
    public static TheoryData<string> Names => [.. FamilyModel.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Log_probabilities_are_those_of_the_processors_engine(string name)
    {
        using var model = FamilyModel.Write(name, SafetensorsDtype.BF16);
        EngineOptions options = OptionsOf(model);
        using var gpu = new SimulatedEngine(options);
        using var cpu = new DemoEngine(options);
        int[] tokens = model.Tokens(60);

        TokenLogProbs expected = AfterPrompt(cpu.Engine, tokens), actual = AfterPrompt(gpu.Engine, tokens);

        Dictionary<int, double> found = actual.Top.ToDictionary(t => t.Token, t => t.LogProb);
        (int Token, double LogProb)[] shared = [.. expected.Top.Where(t => found.ContainsKey(t.Token)).Select(t => (t.Token, t.LogProb))];
        double worst = shared.Max(t => Math.Abs(t.LogProb - found[t.Token]));
        output.WriteLine($"{shared.Length} of {expected.Top.Length} best tokens in common, largest difference {worst:F4}");
        Assert.InRange(shared.Length, expected.Top.Length - 2, expected.Top.Length);
        Assert.InRange(worst, 0, 0.1);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Drafted_chains_give_the_tokens_of_plain_decoding(string name)
    {
        using var model = FamilyModel.Write(name, SafetensorsDtype.BF16);
        using var gpu = new SimulatedEngine(OptionsOf(model));
        int[] prompt = model.Tokens(20);
        List<int> plain = gpu.Driver.Generate(prompt, 24, DraftShape.None, SamplingOptions.Greedy);

        Assert.Equal(plain, gpu.Driver.Generate(prompt, 24, new DraftShape(6, 2, 0, 12), SamplingOptions.Greedy));
        output.WriteLine($"{gpu.Driver.Accepted} of {plain.Count} tokens were drafted");
        Assert.InRange(gpu.Driver.Accepted, 1, plain.Count);
        Assert.Equal(0, gpu.Engine.UnusedBytes);
    }

    private static EngineOptions OptionsOf(FamilyModel model) =>
        new() { ModelFolder = model.Folder, Context = 128, CacheFolder = model.Cache, PoisonFreeKv = true, Threads = 2 };

    private static TokenLogProbs AfterPrompt(IEngine engine, int[] tokens)
    {
        KvLease lease = new KvLedger(engine.Kv.SlotCount).Reserve(new SequenceId(1), tokens.Length + 1)!;
        var rows = new PassRows(lease.Sequence, lease, 0, TokenTree.Chain(tokens), RowsKind.LastPrefill, SamplingOptions.Greedy, TokenHistory.Empty) { TopLogProbs = 8 };
        engine.Target.Begin(new PassPlan(new PassId(1), [rows]));
        for (int layer = 0; layer < engine.Target.LayerCount; layer++)
        {
            int slot = layer % engine.Link.SlotCount;
            if (engine.Target.IsOffloaded(layer)) Fetch(engine.Link, layer, slot);
            engine.Target.RunLayer(layer, engine.Target.IsOffloaded(layer) ? slot : -1);
        }
        ImmutableArray<RowsVerified> verified = engine.Target.Finish();
        return verified[0].LogProbs[0];
    }

    private static void Fetch(IWeightLink link, int layer, int slot)
    {
        using var done = new ManualResetEventSlim();
        Exception? error = null;
        link.BeginRead(layer, slot, read =>
        {
            error = read.Error;
            done.Set();
        });
        done.Wait();
        Assert.Null(error);
    }
}
