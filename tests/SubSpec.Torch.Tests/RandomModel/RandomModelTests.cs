using System.Text.Json;
using SubSpec.Core;
using SubSpec.RandomModel;
using SubSpec.Torch.Models;
using SubSpec.Torch.Safetensors;
using SubSpec.Torch.Tests.Reference;
using SubSpec.Torch.Tests.Safetensors;

namespace SubSpec.Torch.Tests.RandomModel;

public sealed class RandomModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_same_seed_gives_the_same_file_and_another_one_does_not()
    {
        byte[] Weights(string name, int seed) => File.ReadAllBytes(Path.Combine(Write(name, $"--layers 1 --vocabulary 50 --seed {seed}"), "model.safetensors"));

        byte[] first = Weights("a", 1);
        Assert.True(first.AsSpan().SequenceEqual(Weights("b", 1)));
        Assert.False(first.AsSpan().SequenceEqual(Weights("c", 2)));
    }

    [Fact]
    public void Shards_hold_the_same_tensors_about_evenly()
    {
        Dictionary<string, PlainTensor> whole = PlainSafetensors.Read(Path.Combine(Write("whole", "--layers 4 --vocabulary 500"), "model.safetensors"));
        string sharded = Write("sharded", "--layers 4 --vocabulary 500 --shards 4");
        string[] files = Directory.GetFiles(sharded, "*.safetensors");
        var parts = files.SelectMany(PlainSafetensors.Read).ToDictionary();
        using JsonDocument index = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(sharded, "model.safetensors.index.json")));

        Assert.Equal(whole.Keys.Order(), parts.Keys.Order());
        Assert.All(whole, t => Assert.Equal(t.Value.Values, parts[t.Key].Values));
        Assert.Equal(["model-00001-of-00004.safetensors", "model-00002-of-00004.safetensors", "model-00003-of-00004.safetensors", "model-00004-of-00004.safetensors"], files.Select(Path.GetFileName).Order());
        Assert.Equal(whole.Values.Sum(t => 2L * t.Values.Length), index.RootElement.GetProperty("metadata").GetProperty("total_size").GetInt64());
        long[] sizes = [.. files.Select(f => new FileInfo(f).Length)];
        Assert.InRange(sizes.Max() / (double)sizes.Min(), 1, 2);
    }

    [Fact]
    public void Every_tensor_can_have_a_shard_of_its_own()
    {
        string folder = Write("out", "--layers 1 --vocabulary 50 --shards 15 --family qwen2");

        Assert.Equal(15, Directory.GetFiles(folder, "*.safetensors").Length);
        Assert.Equal(15, ModelFolder.Open(folder).Checkpoint.Names.Count);
        Assert.Contains("--shards 16: the model has 15 tensors", Refused("--layers 1 --vocabulary 50 --shards 16 --family qwen2"));
    }

    [Fact]
    public void Weights_keep_the_size_of_what_passes_through_them()
    {
        Dictionary<string, PlainTensor> tensors = PlainSafetensors.Read(Path.Combine(Write("out", "--layers 1 --family llama --mlp-bias --dtype fp32 --dtype norm=bf16"), "model.safetensors"));
        (double mean, double deviation) Of(string name)
        {
            float[] values = tensors[name].Values;
            double mean = values.Average();
            return (mean, Math.Sqrt(values.Average(v => (v - mean) * (v - mean))));
        }

        Assert.InRange(Of("model.layers.0.mlp.down_proj.weight").deviation * Math.Sqrt(704), 0.98, 1.02);
        Assert.InRange(Of("lm_head.weight").deviation * Math.Sqrt(256), 0.98, 1.02);
        Assert.InRange(Of("lm_head.weight").mean * Math.Sqrt(256), -0.02, 0.02);
        Assert.InRange(Of("model.norm.weight").mean, 0.95, 1.05);
        Assert.InRange(Of("model.layers.0.mlp.gate_proj.bias").mean, -0.05, 0.05);
        Assert.InRange(Of("model.layers.0.mlp.gate_proj.bias").deviation, 0.15, 0.25);
        Assert.Equal(("BF16", "F32"), (tensors["model.norm.weight"].Dtype, tensors["lm_head.weight"].Dtype));
    }

    [Fact]
    public void Sizes_may_come_from_a_config_and_be_replaced()
    {
        ModelConfig config = ModelFolder.Open(Write("out", $"--config {DemoModel.Folder} --layers 2 --set rope_theta=5000 --dtype fp16")).Config;

        Assert.Equal(("qwen2", 2, 256, 768, 4, true), (config.ModelType, config.Layers, config.Hidden, config.Intermediate, config.Heads, config.TiedHead));
        Assert.Equal(Math.Pow(5000, -2.0 / 64), config.InverseFrequencies[1], 1e-15);
        Assert.Equal("random weights", config.Label);
    }

    [Fact]
    public void A_vocabulary_that_is_large_enough_gets_the_demos_tokenizer()
    {
        string with = Write("with", "--layers 1"), without = Write("without", "--layers 1 --vocabulary 4095");

        foreach (string file in new[] { "tokenizer.json", "tokenizer_config.json", "generation_config.json" })
        {
            Assert.Equal(File.ReadAllBytes(Path.Combine(DemoModel.Folder, file)), File.ReadAllBytes(Path.Combine(with, file)));
            Assert.False(File.Exists(Path.Combine(without, file)));
        }
        Assert.Equal([4093, 4095], ModelFolder.Open(with).EndTokens.Order());
        Assert.Empty(ModelFolder.Open(without).EndTokens);
    }

    [Fact]
    public void Cancelling_leaves_nothing_behind()
    {
        using var stop = new CancellationTokenSource();
        var writer = new RandomModelWriter(RandomModelOptions.Parse(["--out", _folder.File("out")]));

        Assert.Throws<OperationCanceledException>(() => writer.Run(done => stop.Cancel(), stop.Token));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("unknown option --width", "--width 3")]
    [InlineData("--shards: an unknown option, or its value is missing", "--shards")]
    [InlineData("--out DIR is missing", "")]
    [InlineData("--family and --config: give one of them", "--out o --family llama --config c")]
    [InlineData("--layers 0: a whole number from 1", "--out o --layers 0")]
    [InlineData("--dtype int8: bf16, fp16 or fp32 is expected", "--out o --dtype int8")]
    [InlineData("--dtype int8: bf16, fp16 or fp32 is expected", "--out o --dtype norm=int8")]
    [InlineData("--set x: FIELD=JSON is expected", "--out o --set x")]
    [InlineData("--set x=y: y is no JSON", "--out o --set x=y")]
    [InlineData("model_type: architecture 'gpt2' is not supported", "--out o --family gpt2")]
    [InlineData("num_key_value_heads: 2 does not divide the 3 attention heads", "--out o --heads 3")]
    [InlineData("mlp_bias: mistral has no such biases", "--out o --family mistral --mlp-bias")]
    [InlineData("attention_bias: qwen2 has no such biases", "--out o --family qwen2 --attention-bias")]
    public void Bad_options_are_refused_in_one_line(string expected, string arguments)
    {
        string[] split = arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains(expected, Assert.Throws<BadInputException>(() => new RandomModelWriter(RandomModelOptions.Parse(split))).Message);
    }

    [Fact]
    public void An_output_that_exists_is_not_touched()
    {
        File.WriteAllText(_folder.File("mine"), "");
        Assert.Contains("exists already", Assert.Throws<BadInputException>(() => new RandomModelWriter(RandomModelOptions.Parse(["--out", _folder.Path]))).Message);
        Assert.Single(Directory.GetFileSystemEntries(_folder.Path));
    }

    private string Write(string name, string options)
    {
        string folder = _folder.File(name);
        new RandomModelWriter(RandomModelOptions.Parse([.. $"--out {folder} {options}".Split(' ')])).Run(_ => { }, CancellationToken.None);
        return folder;
    }

    private string Refused(string options) =>
        Assert.Throws<BadInputException>(() => new RandomModelWriter(RandomModelOptions.Parse([.. $"--out {_folder.File("refused")} {options}".Split(' ')]))).Message;
}
