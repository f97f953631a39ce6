using System.Text;
using SubSpec.Core;
using SubSpec.Torch.Models;
using Xunit.Abstractions;

namespace SubSpec.Torch.Tests.Models;

/// <summary>
/// Mutations of valid configs, by seed: each is read into sizes that make sense, or refused in one line that names file and field,
/// and little is allocated to find out. <c>SUBSPEC_FUZZ_CASES</c> raises the number of cases.
/// </summary>
public class ConfigFuzzTests(ITestOutputHelper output)
{
    private const int MostAllocated = 64 << 10;

    private static readonly string[] Values =
    [
        "0", "-1", "1", "7", "8", "1e3", "1.5", "1e400", "-0", "2147483647", "2147483648", "9223372036854775808", "true", "false", "null", "\"\"", "\"silu\"", "\"8\"", "[]", "[1, 2]",
        "[\"LlamaForCausalLM\"]", "{}", "{\"rope_type\": \"llama3\", \"factor\": 8}", "{\"rope_type\": \"linear\", \"factor\": 0}", "{\"type\": \"yarn\"}", "\"\\ud800\"", "\"qwen3\"", "\"llama\"",
    ];

    [Fact]
    public void Mutated_configs_are_refused_in_one_line_or_make_sense()
    {
        int cases = int.TryParse(Environment.GetEnvironmentVariable("SUBSPEC_FUZZ_CASES"), out int more) ? more : 10_000;
        int accepted = 0, refused = 0;
        long most = 0;
        for (int seed = 0; seed < cases; seed++)
        {
            var random = new Random(seed);
            byte[] json = Mutate(Valid(random), random);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                (IModelFamily family, ModelConfig config) = ModelFamilies.Read(ConfigReader.Parse("config.json", json));
                AssertSense(family, config);
                accepted++;
            }
            catch (BadInputException e)
            {
                Assert.True(e.Message.StartsWith("config.json: ", StringComparison.Ordinal) && !e.Message.Any(char.IsControl) && e.Message.Length < 500, $"seed {seed}: {e.Message}");
                refused++;
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}: {Encoding.UTF8.GetString(json)}: {e}");
            }
            most = Math.Max(most, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        output.WriteLine($"{cases} cases: {accepted} accepted, {refused} refused; at most {most} bytes allocated");
        Assert.InRange(most, 1, MostAllocated);
        // Both ways must really be taken, or the generator has gone blind.
        Assert.True(accepted > cases / 20 && refused > cases / 5, $"accepted {accepted}, refused {refused}");
    }

    private static void AssertSense(IModelFamily family, ModelConfig config)
    {
        foreach (int size in new[] { config.Layers, config.Hidden, config.Intermediate, config.Heads, config.KvHeads, config.HeadDim, config.Vocabulary, config.MaxContext })
            Assert.InRange(size, 1, 1 << 26);
        Assert.Equal(0, config.Heads % config.KvHeads);
        Assert.Equal(config.HeadDim, 2 * config.InverseFrequencies.Length);
        Assert.All(config.InverseFrequencies, f => Assert.True(double.IsFinite(f) && f > 0));
        Assert.True(float.IsFinite(config.NormEpsilon) && config.NormEpsilon >= 0);
        Assert.Equal(7, family.Layer(config, 0).Linears.Distinct().Count());
    }

    /// <summary>Fields and their values as JSON text, so that a value may be what no JSON writer would write.</summary>
    private static List<(string Field, string Value)> Valid(Random random) =>
    [
        ("model_type", new[] { "\"llama\"", "\"mistral\"", "\"qwen2\"", "\"qwen3\"" }[random.Next(4)]),
        ("architectures", "[\"SomeForCausalLM\"]"),
        ("hidden_size", "64"),
        ("intermediate_size", "128"),
        ("num_hidden_layers", "3"),
        ("num_attention_heads", "4"),
        ("num_key_value_heads", "2"),
        ("head_dim", "16"),
        ("vocab_size", "1000"),
        ("max_position_embeddings", "2048"),
        ("rms_norm_eps", "1e-6"),
        ("rope_theta", "10000"),
        ("rope_scaling", "null"),
        ("hidden_act", "\"silu\""),
        ("tie_word_embeddings", random.Next(2) == 0 ? "true" : "false"),
        ("attention_bias", "false"),
        ("sliding_window", "null"),
    ];

    private static byte[] Mutate(List<(string Field, string Value)> config, Random random)
    {
        for (int changes = random.Next(4); changes > 0; changes--)
        {
            int at = random.Next(config.Count);
            if (random.Next(4) == 0 && config.Count > 1) config.RemoveAt(at);
            else config[at] = (config[at].Field, Values[random.Next(Values.Length)]);
        }
        byte[] json = Encoding.UTF8.GetBytes("{" + string.Join(',', config.Select(f => $"\"{f.Field}\":{f.Value}")) + "}");
        if (random.Next(8) > 0) return json;
        for (int changes = random.Next(1, 4); changes > 0; changes--) json[random.Next(json.Length)] = (byte)random.Next(256);
        return random.Next(3) == 0 ? json[..random.Next(json.Length)] : json;
    }
}
