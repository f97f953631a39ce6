using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;
using SubSpec.Torch.Engine;
using SubSpec.Torch.Safetensors;
using SubSpec.Torch.Tests.Reference;
using SubSpec.Torch.Tests.Safetensors;
using Xunit.Abstractions;

namespace SubSpec.Torch.Tests.Engine;

/// <summary>The engine's forward pass against an independent one in double precision.</summary>
public class ReferenceTests(ITestOutputHelper output)
{
    private static readonly string[] Stories =
    [
        "Once upon a time, there was a little girl named Lily. She loved to play in the park. One day, she saw a big dog. The dog was very happy and wanted to play with her. Lily was not scared. She gave the dog some food and they played all day.",
        "Tom and Sam were best friends. They liked to play with a red ball. One day, the ball went into a big tree. Tom was sad. Sam said, I can help you. He went up the tree and got the ball. They were happy and went home.",
        "The cat was hungry. She looked for food in the house. She saw a fish on the table. The cat wanted to eat the fish, but her mom said no. Then mom gave the cat some milk. The cat was happy and went to sleep.",
        "One day, a boy named Tim went to the park with his mom. He saw a bird in a tree. The bird was very small. Tim wanted to help the bird, so he gave it some water. The bird said thank you and they were friends.",
        "There was a big bear who lived in the forest. He was very sad because he had no friends. One day, he saw a little girl. She was lost. The bear helped her find her mom. The girl was happy and said thank you to the bear.",
        "Mom said it was time to go to bed. Sara did not want to sleep. She wanted to play with her new toy. Her mom said she could play with it the next day. Sara smiled and said good night.",
    ];

    // fp16 and fp32 weights meet unrounded inputs. The engine keeps K and V in bf16, which the reference therefore rounds too.
    [Theory]
    [InlineData(SafetensorsDtype.F32)]
    [InlineData(SafetensorsDtype.F16)]
    public void Unrounded_inputs_give_the_reference_logits(SafetensorsDtype dtype)
    {
        using var folder = new TemporaryFolder();
        RandomCheckpoint.Write(folder.Path, dtype);
        int[] tokens = RandomTokens(60);
        double[][] expected = new PlainQwen2(folder.Path, roundKvToBf16: true).Logits(tokens);
        using var engine = new TargetLogits(folder.Path);

        Assert.InRange(Reported(RelativeError(expected, engine.Of(tokens, chunkRows: 17))), 0, 1e-4);
    }

    [Fact]
    public void A_small_bf16_model_gives_the_logits_of_a_reference_that_rounds_alike()
    {
        using var folder = new TemporaryFolder();
        RandomCheckpoint.Write(folder.Path, SafetensorsDtype.BF16);
        int[] tokens = RandomTokens(60);
        double[][] expected = new PlainQwen2(folder.Path, roundLinearInputsToBf16: true, roundKvToBf16: true).Logits(tokens);
        using var engine = new TargetLogits(folder.Path);

        Assert.InRange(Reported(RelativeError(expected, engine.Of(tokens, chunkRows: 17))), 0, 1e-3);
    }

    // Where the last bits of fp32 and double precision round to different bf16 numbers, all later layers and positions multiply the
    // difference until it is as large as rounding itself. Short sequences mostly run without such a case: these must agree closely.
    [Fact]
    public void The_demo_model_gives_the_logits_of_a_reference_that_rounds_alike()
    {
        var reference = new PlainQwen2(DemoModel.Folder, roundLinearInputsToBf16: true, roundKvToBf16: true);
        using var engine = new TargetLogits(DemoModel.Folder);
        int[][] pairs = [.. DemoText.Encode(Stories[0]).Chunk(2).Take(25)];
        double[][] expected = [.. pairs.SelectMany(reference.Logits)];
        float[][] actual = [.. pairs.SelectMany(pair => engine.Of(pair, chunkRows: 64))];

        double[] each = [.. expected.Zip(actual, (e, a) => RelativeError([e], [a])).Order()];
        Assert.InRange(Reported(RelativeError(expected, actual)), 0, 1e-3);
        Assert.InRange(Reported(each[each.Length / 4]), 0, 1e-5);
    }

    [Fact]
    public void Rounding_is_all_that_separates_the_demo_model_from_an_exact_one()
    {
        var exact = new PlainQwen2(DemoModel.Folder);
        using var engine = new TargetLogits(DemoModel.Folder);
        int positions = 0, equal = 0;
        foreach (string story in Stories)
        {
            int[] tokens = DemoText.Encode(story);
            double[][] expected = exact.Logits(tokens);
            float[][] actual = engine.Of(tokens, chunkRows: 64);
            Assert.InRange(Reported(RelativeError(expected, actual)), 0, 0.02);
            positions += tokens.Length;
            equal += expected.Zip(actual, (e, a) => PlainQwen2.Argmax(e) == Array.IndexOf(a, a.Max())).Count(same => same);
        }
        output.WriteLine($"{equal} of {positions} greedy tokens are equal");
        Assert.InRange(positions, 300, int.MaxValue);
        Assert.InRange((double)equal / positions, 0.99, 1);
    }

    [Fact]
    public void An_engine_that_streams_and_drafts_chooses_the_references_tokens()
    {
        using var folder = new TemporaryFolder();
        RandomCheckpoint.Write(folder.Path, SafetensorsDtype.F32);
        int[] prompt = RandomTokens(9);
        var blueprint = EngineBlueprint.Draw(DemoModel.Options with { ModelFolder = folder.Path, CacheFolder = folder.Path, Context = 128 });
        using ModelAssets assets = ModelAssets.Load(blueprint);
        using var driver = new EngineDriver(new CpuEngine(blueprint, assets));

        List<int> tokens = driver.Generate(prompt, 24, new DraftShape(6, 2, 0, 16), SamplingOptions.Greedy, chunkRows: 4);

        Assert.Equal(3, blueprint.Plan.Offloaded);
        Assert.Equal(new PlainQwen2(folder.Path, roundKvToBf16: true).Greedy(prompt, 24), tokens);
    }

    private double Reported(double error)
    {
        output.WriteLine($"relative error {error:E2}");
        return error;
    }

    private static int[] RandomTokens(int count)
    {
        var random = new Random(3);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(RandomCheckpoint.Vocabulary))];
    }

    /// <summary>Norm of the difference over the norm, of all positions together.</summary>
    private static double RelativeError(double[][] expected, float[][] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        double difference = expected.Zip(actual, (e, a) => e.Zip(a, (x, y) => (x - y) * (x - y)).Sum()).Sum();
        return Math.Sqrt(difference / expected.Sum(e => e.Sum(x => x * x)));
    }
}
