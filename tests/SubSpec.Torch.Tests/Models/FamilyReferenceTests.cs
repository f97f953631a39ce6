using SubSpec.Torch.Safetensors;
using SubSpec.Torch.Tests.Engine;
using SubSpec.Torch.Tests.Reference;
using Xunit.Abstractions;

namespace SubSpec.Torch.Tests.Models;

/// <summary>The forward pass of every family and layout against an independent one in double precision.</summary>
public class FamilyReferenceTests(ITestOutputHelper output)
{
    public static TheoryData<string> Names => [.. FamilyModel.Names];

    // fp16 and fp32 weights meet unrounded inputs. The engine keeps K and V in bf16, which the reference therefore rounds too.
    [Theory]
    [MemberData(nameof(Names))]
    public void Unrounded_inputs_give_the_reference_logits(string name)
    {
        foreach (SafetensorsDtype dtype in new[] { SafetensorsDtype.F32, SafetensorsDtype.F16 })
        {
            using var model = FamilyModel.Write(name, dtype);
            var reference = new PlainTransformer(model.Folder, roundKvToBf16: true);
            using var engine = new TargetLogits(model.Folder);
            int[] tokens = model.Tokens(100);
            AssertAgree(reference, engine, tokens, 1e-4);
            Assert.InRange(Reported("100 tokens", Logits.RelativeError(reference.Logits(tokens), engine.Of(tokens, chunkRows: 17))), 0, 1e-3);
            Assert.Empty(reference.Unused);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Bf16_weights_give_the_logits_of_a_reference_that_rounds_alike(string name)
    {
        using var model = FamilyModel.Write(name, SafetensorsDtype.BF16);
        AssertRoundsAlike(model);
    }

    [Theory]
    [InlineData("qwen3", "--dtype norm=fp32")]
    [InlineData("llama with all biases and linear scaling", "--dtype norm=fp32 --dtype bias=fp16 --dtype lm_head=fp32")]
    [InlineData("llama", "--dtype embed=fp32 --dtype o_proj=fp16 --dtype up_proj=fp32 --dtype gate_proj=fp32")]
    [InlineData("qwen2", "--dtype self_attn=fp32 --dtype down_proj=fp16")]
    public void Types_may_differ_within_a_checkpoint(string name, string types)
    {
        using var model = FamilyModel.Write(name, SafetensorsDtype.BF16, types);
        AssertRoundsAlike(model);
    }

    [Theory]
    [InlineData(SafetensorsDtype.BF16)]
    [InlineData(SafetensorsDtype.F16)]
    public void Rounding_is_all_that_separates_16_bit_models_from_exact_ones(SafetensorsDtype dtype)
    {
        int positions = 0, equal = 0;
        foreach (string name in FamilyModel.Names)
        {
            using var model = FamilyModel.Write(name, dtype);
            int[] tokens = model.Tokens(120);
            double[][] expected = new PlainTransformer(model.Folder).Logits(tokens);
            using var engine = new TargetLogits(model.Folder);
            float[][] actual = engine.Of(tokens, chunkRows: 64);

            Assert.InRange(Reported(name, Logits.RelativeError(expected, actual)), 0, 0.02);
            positions += tokens.Length;
            equal += Logits.EqualChoices(expected, actual);
        }
        output.WriteLine($"{equal} of {positions} greedy tokens are equal");
        Assert.InRange((double)equal / positions, 0.99, 1);
    }

    [Fact]
    public void A_head_beside_a_tied_one_is_not_used()
    {
        using var model = FamilyModel.Write("llama", SafetensorsDtype.F32);
        int[] tokens = model.Tokens(20);
        double[][] untied = new PlainTransformer(model.Folder, roundKvToBf16: true).Logits(tokens);
        model.Set("tie_word_embeddings", true);
        var reference = new PlainTransformer(model.Folder, roundKvToBf16: true);
        using var engine = new TargetLogits(model.Folder);
        float[][] actual = engine.Of(tokens, chunkRows: 64);

        Assert.InRange(Logits.RelativeError(reference.Logits(tokens), actual), 0, 1e-4);
        Assert.InRange(Logits.RelativeError(untied, actual), 0.5, double.MaxValue);
        Assert.Equal(["lm_head.weight"], reference.Unused);
    }

    private void AssertRoundsAlike(FamilyModel model)
    {
        var reference = new PlainTransformer(model.Folder, roundLinearInputsToBf16: true, roundKvToBf16: true);
        using var engine = new TargetLogits(model.Folder);
        AssertAgree(reference, engine, model.Tokens(100), 1e-3);
        Assert.Empty(reference.Unused);
    }

    private void AssertAgree(PlainTransformer reference, TargetLogits engine, int[] tokens, double tolerance)
    {
        (double layers, double head) = LayerAgreement.Errors(reference, engine, tokens);
        Assert.InRange(Reported("layers", layers), 0, tolerance);
        Assert.InRange(Reported("head", head), 0, tolerance);
    }

    private double Reported(string what, double error)
    {
        output.WriteLine($"{what}: relative error {error:E2}");
        return error;
    }
}
