using System.Text.Json;
using SubSpec.Core;
using SubSpec.GrowModel;
using SubSpec.Torch.Tests.Reference;
using SubSpec.Torch.Tests.Safetensors;

namespace SubSpec.Torch.Tests.GrowModel;

public sealed class ModelGrowerTests(EnlargedDemo enlarged) : IClassFixture<EnlargedDemo>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_enlarged_model_computes_the_same_function()
    {
        var demo = new PlainTransformer(DemoModel.Folder);
        int[] prompt = DemoText.Encode("Once upon a time,");
        int[] story = [.. prompt, .. demo.Greedy(prompt, 20)];
        double[][] expected = demo.Logits(story), actual = new PlainTransformer(enlarged.Folder).Logits(story);

        double error = expected.Zip(actual, (e, a) => e.Zip(a, (x, y) => Math.Abs(x - y)).Max()).Max();
        double size = expected.Max(row => row.Max(Math.Abs));
        // bf16 has 8 bits: less than one of its steps at the size of the logits.
        Assert.InRange(error, 0, size / 256);
        // Each token of the demo's continuation is what the enlarged model chooses after the same tokens: the continuations are equal.
        Assert.Equal(story[prompt.Length..], actual[(prompt.Length - 1)..^1].Select(PlainTransformer.Argmax));
    }

    [Theory]
    [InlineData(2, 3, 4)]
    [InlineData(3, 2, 6)]
    [InlineData(4, 4, 3)]
    public void Any_factor_and_an_untied_head_keep_the_function(int hiddenFactor, int intermediateFactor, int layers)
    {
        TinyQwen2.Write(_folder.Path, layers: 3);
        var options = new GrowOptions(_folder.Path, _folder.File("out"), 48 * hiddenFactor, 80 * intermediateFactor, layers, 1, 9);
        new ModelGrower(options).Run(_ => { }, CancellationToken.None);

        int[] tokens = [3, 14, 15, 9, 26, 5, 35];
        double[][] expected = new PlainTransformer(_folder.Path).Logits(tokens), actual = new PlainTransformer(_folder.File("out")).Logits(tokens);
        double error = expected.Zip(actual, (e, a) => e.Zip(a, (x, y) => Math.Abs(x - y)).Max()).Max();
        Assert.InRange(error, 0, expected.Max(row => row.Max(Math.Abs)) / 128);
    }

    [Fact]
    public void Copies_are_not_alike()
    {
        Dictionary<string, PlainTensor> weights = PlainSafetensors.Read(Path.Combine(enlarged.Folder, "model.safetensors"));
        float[] q = weights["model.layers.0.self_attn.q_proj.weight"].Values;
        (float[] first, float[] second) = (q[..256], q[256..512]);

        Assert.True(first.Zip(second).Count(p => p.First == p.Second) < 10);
        Assert.NotEqual(q[..512], q[(256 * 512)..(257 * 512)]);
        // An added layer has output weights as large as its neighbour's, in pairs that cancel.
        float[] down = weights["model.layers.1.mlp.down_proj.weight"].Values, real = weights["model.layers.0.mlp.down_proj.weight"].Values;
        Assert.InRange(Rms(down) / Rms(real), 0.3, 1.5);
        Assert.InRange(Enumerable.Range(0, 768).Max(i => Math.Abs(down[i] + down[768 + i])), 0, 1e-3);
    }

    [Fact]
    public void The_configuration_has_the_new_sizes_and_says_where_it_comes_from()
    {
        using JsonDocument config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(enlarged.Folder, "config.json")));
        int Size(string key) => config.RootElement.GetProperty(key).GetInt32();

        Assert.Equal((512, 1536, 10, 8, 4), (Size("hidden_size"), Size("intermediate_size"), Size("num_hidden_layers"), Size("num_attention_heads"), Size("num_key_value_heads")));
        Assert.Equal((true, "demo", 1), (config.RootElement.GetProperty("enlarged").GetBoolean(), config.RootElement.GetProperty("enlarged_from").GetString(), Size("enlarged_seed")));
        Assert.Equal(4096, Size("vocab_size"));
        foreach (string file in new[] { "tokenizer.json", "tokenizer_config.json", "generation_config.json" })
            Assert.Equal(File.ReadAllBytes(Path.Combine(DemoModel.Folder, file)), File.ReadAllBytes(Path.Combine(enlarged.Folder, file)));
    }

    [Fact]
    public void The_same_seed_gives_the_same_file_and_another_one_does_not()
    {
        TinyQwen2.Write(_folder.Path, layers: 2);
        byte[] Weights(string name, long seed)
        {
            new ModelGrower(new GrowOptions(_folder.Path, _folder.File(name), 384, null, 3, 1, seed)).Run(_ => { }, CancellationToken.None);
            return File.ReadAllBytes(Path.Combine(_folder.File(name), "model.safetensors"));
        }

        byte[] first = Weights("a", 1);
        Assert.True(first.AsSpan().SequenceEqual(Weights("b", 1)));
        Assert.False(first.AsSpan().SequenceEqual(Weights("c", 2)));
    }

    [Fact]
    public void Cancelling_leaves_nothing_behind()
    {
        using var stop = new CancellationTokenSource();
        var grower = new ModelGrower(EnlargedDemo.Options(_folder.File("out")));
        long reached = 0;

        Assert.Throws<OperationCanceledException>(() => grower.Run(
            done =>
            {
                reached = done;
                if (done > 10_000_000) stop.Cancel();
            },
            stop.Token));
        Assert.InRange(reached, 10_000_000, grower.Bytes - 1);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void An_output_that_exists_is_not_touched()
    {
        File.WriteAllText(_folder.File("mine"), "");
        Assert.Contains("exists already", Assert.Throws<BadInputException>(() => new ModelGrower(EnlargedDemo.Options(_folder.Path))).Message);
        Assert.Single(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("{\"model_type\":\"llama\"}", "model_type: only qwen2")]
    [InlineData("{\"model_type\":\"qwen2\"}", "hidden_size: a size is expected")]
    [InlineData("{\"model_type\":\"qwen2\",\"hidden_size\":-4}", "hidden_size: a size is expected")]
    [InlineData("[]", "no valid JSON object")]
    [InlineData("{", "no valid JSON object")]
    public void A_source_that_is_no_qwen2_is_refused(string config, string expected)
    {
        File.WriteAllText(_folder.File("config.json"), config);
        Assert.Contains(expected, Assert.Throws<BadInputException>(() => Qwen2Config.Read(_folder.Path)).Message);
    }

    [Fact]
    public void A_checkpoint_that_contradicts_its_configuration_is_refused()
    {
        string config = File.ReadAllText(Path.Combine(DemoModel.Folder, "config.json"));
        File.CreateSymbolicLink(_folder.File("model.safetensors"), Path.Combine(DemoModel.Folder, "model.safetensors"));
        string Message(string from, string to)
        {
            Assert.Contains(from, config);
            File.WriteAllText(_folder.File("config.json"), config.Replace(from, to));
            return Assert.Throws<BadInputException>(() => new ModelGrower(new GrowOptions(_folder.Path, _folder.File("out"), null, null, null, 1, 1))).Message;
        }

        Assert.Contains("gate_proj.weight is [768, 256]", Message("\"intermediate_size\": 768", "\"intermediate_size\": 512"));
        Assert.Contains("no tensor \"model.layers.8.", Message("\"num_hidden_layers\": 8", "\"num_hidden_layers\": 9"));
        Assert.Contains("unexpected tensor model.layers.7.", Message("\"num_hidden_layers\": 8", "\"num_hidden_layers\": 7"));
        Assert.Contains("no tensor \"lm_head.weight\"", Message("\"tie_word_embeddings\": true", "\"tie_word_embeddings\": false"));
    }

    private static double Rms(float[] values) => Math.Sqrt(values.Sum(v => (double)v * v) / values.Length);
}
