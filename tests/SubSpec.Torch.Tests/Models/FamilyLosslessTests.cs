using SubSpec.Core.Planning;
using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;
using SubSpec.Torch.Engine;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Models;
using SubSpec.Torch.Safetensors;
using SubSpec.Torch.Streaming;
using SubSpec.Torch.Tests.Engine;
using SubSpec.Torch.Tests.Reference;
using SubSpec.Torch.Tests.Safetensors;
using SubSpec.Torch.Tests.Streaming;
using Xunit.Abstractions;

namespace SubSpec.Torch.Tests.Models;

/// <summary>Every family through the whole engine: streamed, drafted, and exactly what plain decoding gives.</summary>
[Collection(nameof(ProcessWideCounters))]
public class FamilyLosslessTests(ITestOutputHelper output)
{
    private const int Tokens = 48;

    private static readonly SamplingOptions[] Samplings = [SamplingOptions.Greedy, new() { Temperature = 0.8, Seed = 7 }];

    private static readonly DraftShape[] Shapes = [new(12, 1, 0, 13), new(6, 4, 0, 24)];

    public static TheoryData<string> Names => [.. FamilyModel.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Drafted_trees_give_the_tokens_of_plain_decoding(string name)
    {
        using var model = FamilyModel.Write(name, SafetensorsDtype.BF16);
        using var engine = new DemoEngine(Options(model));
        int[] prompt = model.Tokens(21);

        Assert.Equal(engine.Plan.Layers.Length, engine.Plan.Offloaded);
        Assert.True(engine.Engine.Deterministic);
        foreach (SamplingOptions sampling in Samplings)
        {
            List<int> plain = engine.Driver.Generate(prompt, Tokens, DraftShape.None, sampling);
            Assert.Equal(Tokens, plain.Count);
            foreach (DraftShape shape in Shapes)
            {
                int accepted = engine.Driver.Accepted;
                Assert.Equal(plain, engine.Driver.Generate(prompt, Tokens, shape, sampling, chunkRows: 5));
                Assert.InRange(engine.Driver.Accepted - accepted, Tokens / 4, Tokens);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Streamed_and_drafted_tokens_are_the_references(string name)
    {
        using var model = FamilyModel.Write(name, SafetensorsDtype.F32);
        using var engine = new DemoEngine(Options(model));
        int[] prompt = model.Tokens(9);

        Assert.Equal(
            new PlainTransformer(model.Folder, roundKvToBf16: true).Greedy(prompt, 24),
            engine.Driver.Generate(prompt, 24, Shapes[1], SamplingOptions.Greedy, chunkRows: 4));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_plan_counts_every_tensor(string name)
    {
        using var model = FamilyModel.Write(name, SafetensorsDtype.BF16);
        long before = NativeBuffer.LiveBytes;
        var blueprint = EngineBlueprint.Draw(Options(model));
        ModelFolder folder = blueprint.Model;
        ModelFootprint footprint = Footprint.Of(folder.Family, folder.Config, blueprint.Options, blueprint.Shape, n => folder.Checkpoint.Find(n).Type);
        using (new ResidentWeights(folder.Checkpoint, folder.Family, folder.Config, new HashSet<int>()))
        {
            long matrices = footprint.EmbeddingBytes + footprint.HeadBytes;
            Assert.Equal(matrices + footprint.VectorBytes, NativeBuffer.LiveBytes - before);
        }
        using ModelAssets assets = ModelAssets.Load(blueprint);
        using var driver = new EngineDriver(new CpuEngine(blueprint, assets));
        driver.Generate(model.Tokens(9), 12, Shapes[1], SamplingOptions.Greedy);
        Assert.InRange(NativeBuffer.LiveBytes - before, blueprint.Plan.TotalBytes * 0.75, blueprint.Plan.TotalBytes);
    }

    [Theory]
    [InlineData("qwen2", 1)]
    [InlineData("qwen2", 2)]
    [InlineData("qwen3 with heads of 6, biases, tied", 1)]
    [InlineData("llama", 1)]
    public void Tensors_at_any_offset_are_planned_and_decoded_as_well(string name, int alignment)
    {
        using var model = FamilyModel.Write(name, SafetensorsDtype.BF16);
        int[] prompt = model.Tokens(9);
        List<int> expected;
        using (var engine = new DemoEngine(Options(model))) expected = engine.Driver.Generate(prompt, 24, DraftShape.None, SamplingOptions.Greedy);
        foreach (string file in Directory.GetFiles(model.Folder, "*.safetensors")) RawSafetensors.Realign(file, alignment);

        long before = NativeBuffer.LiveBytes;
        using (var engine = new DemoEngine(Options(model)))
        {
            WeightRing ring = ((CheckpointLink)engine.Engine.Link).Ring;
            Assert.Equal(ring.Bytes, engine.Plan.Parts.Single(p => p.Name == "ring").Bytes);
            // Below the alignment of their elements they are copied: a slot holds them twice.
            Assert.Equal(alignment == 1, ring.Layout(0).SlotBytes >= 2 * ring.Layout(0).PayloadBytes);
            Assert.Equal(expected, engine.Driver.Generate(prompt, 24, Shapes[1], SamplingOptions.Greedy));
            Assert.InRange(NativeBuffer.LiveBytes - before, engine.Plan.TotalBytes * 0.75, engine.Plan.TotalBytes);
        }
    }

    [Theory]
    [InlineData("--family llama --hidden 517 --intermediate 1389 --heads 11 --kv-heads 1 --head-dim 38 --vocabulary 20011 --layers 5 --shards 3")]
    [InlineData("--family qwen3 --hidden 640 --intermediate 1731 --heads 5 --kv-heads 5 --head-dim 64 --vocabulary 9973 --layers 6 --tied --attention-bias")]
    public void What_a_run_takes_is_what_was_planned(string options)
    {
        using var model = FamilyModel.Write(options);
        RawSafetensors.Realign(Directory.GetFiles(model.Folder, "*.safetensors")[0], 1);
        foreach (double share in new[] { 0.0, 0.4, 1.0 })
        {
            EngineOptions engineOptions = Options(model);
            long smallest = EngineBlueprint.Draw(engineOptions).Plan.SmallestBytes;
            long before = NativeBuffer.LiveBytes;
            using var engine = new DemoEngine(engineOptions with { MemoryBudget = smallest + (long)(share * (30 << 20)) });
            engine.Driver.Generate(model.Tokens(9), 12, Shapes[1], SamplingOptions.Greedy);
            long used = NativeBuffer.LiveBytes - before;
            output.WriteLine($"planned {engine.Plan.TotalBytes}, used {used}");
            // Only what is rounded to whole pages may remain: much less than the smallest part that could be forgotten or counted twice.
            Assert.InRange(used, engine.Plan.TotalBytes * 0.99, engine.Plan.TotalBytes);
        }
    }

    private static EngineOptions Options(FamilyModel model) =>
        new() { ModelFolder = model.Folder, CacheFolder = model.Cache, Context = 128, PoisonFreeKv = true };
}
