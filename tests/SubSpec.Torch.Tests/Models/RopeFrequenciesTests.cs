using System.Text;
using SubSpec.Torch.Models;

namespace SubSpec.Torch.Tests.Models;

public class RopeFrequenciesTests
{
    // Derived by hand with 40 digits from the description of Llama 3.1's scaling: wavelengths below 8192 / 4 stay, those above
    // 8192 / 1 are divided, and in between both are mixed.
    private static readonly (int Pair, double Expected)[] Llama31 =
    [
        (0, 1), (1, 8.146172338565447e-01), (16, 3.760603093086393e-02), (28, 3.211445994752591e-03), (29, 2.166570763503359e-03), (30, 1.371893567761138e-03),
        (32, 5.248461609929547e-04), (34, 1.785078127679964e-04), (35, 9.556212353964683e-05), (36, 7.784655273932450e-05), (48, 6.647869871181235e-06), (63, 3.068925988914511e-07),
    ];

    private static readonly (int Pair, double Expected)[] Llama32 =
    [
        (0, 1), (10, 1.656044008099445e-02), (14, 3.211445994752591e-03), (15, 1.290547928209264e-03), (16, 4.295567965593682e-04), (17, 9.708287802627673e-05),
        (18, 1.946163818483112e-05), (31, 9.418306725434910e-08),
    ];

    [Fact]
    public void Llama3_scaling_gives_the_frequencies_of_llama_3_1()
    {
        double[] actual = Read(128, """
            "rope_theta": 500000.0, "rope_scaling": {"factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192, "rope_type": "llama3"}
            """);

        Assert.Equal(64, actual.Length);
        foreach ((int pair, double expected) in Llama31) Assert.Equal(1, actual[pair] / expected, 1e-14);
    }

    [Fact]
    public void The_newer_spelling_has_everything_in_one_object()
    {
        double[] actual = Read(64, """
            "rope_parameters": {"rope_theta": 500000.0, "factor": 32.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192, "rope_type": "llama3"}
            """);

        Assert.Equal(32, actual.Length);
        foreach ((int pair, double expected) in Llama32) Assert.Equal(1, actual[pair] / expected, 1e-14);
    }

    [Theory]
    [InlineData("\"rope_theta\": 10000", 1)]
    [InlineData("\"hidden_size\": 1", 1)] // 10000 is the default
    [InlineData("\"rope_theta\": 10000, \"rope_scaling\": null", 1)]
    [InlineData("\"rope_parameters\": {\"rope_theta\": 10000, \"rope_type\": \"default\"}", 1)]
    [InlineData("\"rope_theta\": 10000, \"rope_parameters\": {\"rope_type\": \"default\", \"partial_rotary_factor\": 1.0}", 1)]
    [InlineData("\"rope_theta\": 10000, \"rope_scaling\": {\"type\": \"linear\", \"factor\": 4}", 4)]
    [InlineData("\"rope_theta\": 3, \"rope_scaling\": {\"rope_type\": \"linear\", \"factor\": 2.5, \"rope_theta\": 10000}", 2.5)]
    public void Plain_and_linear_frequencies(string fields, double divisor)
    {
        // 10000^(-2i / 8): one tenth from pair to pair.
        double[] plain = [1, 0.1, 0.01, 0.001];
        foreach ((double expected, double actual) in plain.Zip(Read(8, fields))) Assert.Equal(1, actual * divisor / expected, 1e-14);
    }

    private static double[] Read(int headDim, string fields) =>
        RopeFrequencies.Read(ConfigReader.Parse("config.json", Encoding.UTF8.GetBytes($"{{{fields}}}")), headDim);
}
