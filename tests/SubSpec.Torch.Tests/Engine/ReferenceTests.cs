using SubSpec.Torch.Tests.Reference;
using Xunit.Abstractions;

namespace SubSpec.Torch.Tests.Engine;

/// <summary>The engine's forward pass of a trained model against an independent one in double precision.</summary>
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

    [Fact]
    public void Every_layer_and_the_head_of_the_demo_model_are_those_of_a_reference_that_rounds_alike()
    {
        var reference = new PlainTransformer(DemoModel.Folder, roundLinearInputsToBf16: true, roundKvToBf16: true);
        using var engine = new TargetLogits(DemoModel.Folder);
        foreach (string story in Stories)
        {
            (double layers, double head) = LayerAgreement.Errors(reference, engine, DemoText.Encode(story));
            Assert.InRange(Reported(layers), 0, 1e-3);
            Assert.InRange(Reported(head), 0, 1e-3);
        }
    }

    [Fact]
    public void Rounding_is_all_that_separates_the_demo_model_from_an_exact_one()
    {
        var exact = new PlainTransformer(DemoModel.Folder);
        using var engine = new TargetLogits(DemoModel.Folder);
        int positions = 0, equal = 0;
        foreach (string story in Stories)
        {
            int[] tokens = DemoText.Encode(story);
            double[][] expected = exact.Logits(tokens);
            float[][] actual = engine.Of(tokens, chunkRows: 64);
            Assert.InRange(Reported(Logits.RelativeError(expected, actual)), 0, 0.02);
            positions += tokens.Length;
            equal += Logits.EqualChoices(expected, actual);
        }
        output.WriteLine($"{equal} of {positions} greedy tokens are equal");
        Assert.InRange(positions, 300, int.MaxValue);
        Assert.InRange((double)equal / positions, 0.99, 1);
    }

    private double Reported(double error)
    {
        output.WriteLine($"relative error {error:E2}");
        return error;
    }
}
