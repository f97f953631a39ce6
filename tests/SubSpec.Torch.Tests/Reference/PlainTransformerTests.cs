namespace SubSpec.Torch.Tests.Reference;

/// <summary>The reference itself must be right: the trained demo model is only fluent if every detail of the forward pass is.</summary>
public class PlainTransformerTests
{
    [Fact]
    public void The_demo_model_predicts_a_simple_story()
    {
        // "Once upon a time, there was a little girl named ... " scores far better than chance (ln 4096 = 8.3 nats) only with the right forward pass.
        int[] tokens = DemoText.Encode("Once upon a time, there was a little girl named Lily. She loved to play in the park.");
        double[][] logits = new PlainTransformer(DemoModel.Folder).Logits(tokens);

        double loss = Enumerable.Range(0, tokens.Length - 1).Average(p => -LogProbability(logits[p], tokens[p + 1]));
        Assert.InRange(loss, 0.1, 2.5);
    }

    [Fact]
    public void Later_tokens_do_not_change_earlier_logits()
    {
        var model = new PlainTransformer(DemoModel.Folder);
        int[] tokens = DemoText.Encode("The dog ran to the big tree.");

        Assert.Equal(model.Logits(tokens)[2], model.Logits(tokens[..3])[2]);
    }

    [Fact]
    public void Rounding_modes_move_logits_a_little()
    {
        int[] tokens = DemoText.Encode("The dog ran");
        double[] exact = new PlainTransformer(DemoModel.Folder).Logits(tokens)[^1];
        double[] rounded = new PlainTransformer(DemoModel.Folder, roundLinearInputsToBf16: true, roundKvToBf16: true).Logits(tokens)[^1];

        Assert.InRange(exact.Zip(rounded, (a, b) => Math.Abs(a - b)).Max(), 1e-4, 0.3);
    }

    [Theory]
    [InlineData(1.0, 1.0)]
    [InlineData(1.00390625, 1.0)] // exactly between two bf16 values: to the even one
    [InlineData(1.01171875, 1.015625)]
    [InlineData(1.005, 1.0078125)]
    [InlineData(-3.1415926, -3.140625)]
    public void Rounding_to_bf16_is_to_nearest_even(double value, double expected) => Assert.Equal(expected, PlainTransformer.RoundToBf16(value));

    private static double LogProbability(double[] logits, int token)
    {
        double max = logits.Max();
        return logits[token] - max - Math.Log(logits.Sum(v => Math.Exp(v - max)));
    }
}
