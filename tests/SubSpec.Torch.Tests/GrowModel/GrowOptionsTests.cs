using SubSpec.Core;
using SubSpec.GrowModel;
using SubSpec.Torch.Tests.Reference;

namespace SubSpec.Torch.Tests.GrowModel;

public class GrowOptionsTests
{
    [Fact]
    public void Options_are_read_in_both_spellings()
    {
        GrowOptions options = GrowOptions.Parse(["--model", "m", "--out=o", "--hidden", "512", "--noise=0.5", "--seed", "-3"]);

        Assert.Equal(new GrowOptions("m", "o", 512, null, null, 0.5, -3), options);
        Assert.Equal((GrowOptions.DefaultNoise, 1L), (GrowOptions.Parse(["--model", "m", "--out", "o"]).Noise, GrowOptions.Parse(["--model", "m", "--out", "o"]).Seed));
    }

    [Theory]
    [InlineData("unknown option --width", "--model", "m", "--out", "o", "--width", "3")]
    [InlineData("unknown option stray", "stray")]
    [InlineData("--out DIR is missing", "--model", "m")]
    [InlineData("--model DIR is missing", "--out", "o")]
    [InlineData("--layers needs a value", "--model", "m", "--out", "o", "--layers")]
    [InlineData("--hidden is given twice", "--hidden", "1", "--hidden", "2")]
    [InlineData("--hidden -1: a whole number", "--model", "m", "--out", "o", "--hidden", "-1")]
    [InlineData("--layers x: a whole number", "--model", "m", "--out", "o", "--layers", "x")]
    [InlineData("--noise NaN: a number from 0 to 8", "--model", "m", "--out", "o", "--noise", "NaN")]
    [InlineData("--seed 1.5: a whole number", "--model", "m", "--out", "o", "--seed", "1.5")]
    public void Bad_options_are_refused_in_one_line(string expected, params string[] arguments) =>
        Assert.Contains(expected, Assert.Throws<BadInputException>(() => GrowOptions.Parse(arguments)).Message);

    [Theory]
    [InlineData("--hidden 300", 300, null, null)]
    [InlineData("--hidden 128", 128, null, null)]
    [InlineData("--hidden 25600", 25600, null, null)]
    [InlineData("--intermediate 1000", 512, 1000, null)]
    [InlineData("--layers 7", 512, null, 7)]
    [InlineData("--layers 5000", 512, null, 5000)]
    public void Sizes_that_are_no_multiples_are_refused(string expected, int? hidden, int? intermediate, int? layers)
    {
        var options = new GrowOptions(DemoModel.Folder, "o", hidden, intermediate, layers, 1, 1);
        Assert.Contains(expected, Assert.Throws<BadInputException>(() => GrowthPlan.Make(Qwen2Config.Read(DemoModel.Folder), options)).Message);
    }

    [Fact]
    public void Added_layers_follow_their_donors_and_every_source_layer_stays_once()
    {
        Qwen2Config demo = Qwen2Config.Read(DemoModel.Folder);
        for (int layers = 8; layers < 40; layers++)
        {
            IReadOnlyList<GrownLayer> plan = GrowthPlan.Make(demo, new GrowOptions("m", "o", 256, null, layers, 1, 1)).Layers;

            Assert.Equal(layers, plan.Count);
            Assert.Equal(Enumerable.Range(0, 8), plan.Where(l => !l.Added).Select(l => l.Donor));
            Assert.Equal(plan.Select(l => l.Donor).Order(), plan.Select(l => l.Donor));
            Assert.False(plan[0].Added);
        }
    }

    [Fact]
    public void The_default_is_about_1200_million_parameters()
    {
        using var folder = new Safetensors.TemporaryFolder();
        var grower = new ModelGrower(new GrowOptions(DemoModel.Folder, folder.File("out"), null, null, null, 1, 1));

        Assert.InRange(grower.Parameters, 1_150_000_000, 1_250_000_000);
        Assert.False(Directory.Exists(folder.File("out")));
    }
}
