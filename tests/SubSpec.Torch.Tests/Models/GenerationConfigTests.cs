using SubSpec.Core;
using SubSpec.Core.Generation;
using SubSpec.Torch.Models;
using SubSpec.Torch.Tests.Safetensors;

namespace SubSpec.Torch.Tests.Models;

public sealed class GenerationConfigTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void End_tokens_of_both_files_and_all_sampling_defaults_are_read()
    {
        Write("config.json", """{"eos_token_id": 7}""");
        Write("generation_config.json", """{"eos_token_id": [5, 6], "do_sample": true, "temperature": 0.7, "top_p": 0.8, "top_k": 20, "min_p": 0.1, "repetition_penalty": 1.05}""");
        var config = GenerationConfig.Read(_folder.Path);
        Assert.Equal([5, 6, 7], config.EndTokens.Order());
        Assert.Equal(new GenerationDefaults(0.7, 0.8, 20, 0.1, 1.05), config.Defaults);
    }

    [Fact]
    public void Without_the_file_or_for_a_config_alone_nothing_is_wanted()
    {
        Write("config.json", """{"eos_token_id": null}""");
        Assert.Equal(GenerationDefaults.None, GenerationConfig.Read(_folder.Path).Defaults);
        Assert.Empty(GenerationConfig.Read(Path.Combine(_folder.Path, "config.json")).EndTokens);
    }

    [Fact]
    public void A_model_that_is_not_to_be_sampled_is_greedy_and_values_that_switch_a_filter_off_do()
    {
        Write("config.json", "{}");
        Write("generation_config.json", """{"do_sample": false, "temperature": 0.6, "top_k": -1, "top_p": 0}""");
        Assert.Equal(new GenerationDefaults(0, null, 0, null, null), GenerationConfig.Read(_folder.Path).Defaults);
    }

    [Theory]
    [InlineData("temperature", "\"hot\"")]
    [InlineData("temperature", "-1")]
    [InlineData("top_p", "1.5")]
    [InlineData("top_k", "1e99")]
    [InlineData("repetition_penalty", "0")]
    [InlineData("do_sample", "1")]
    [InlineData("eos_token_id", "[1, \"x\"]")]
    [InlineData("eos_token_id", "-4")]
    public void A_wrong_value_is_one_line_naming_file_and_field(string field, string value)
    {
        Write("config.json", "{}");
        Write("generation_config.json", $$"""{"{{field}}": {{value}}}""");
        string message = Assert.Throws<BadInputException>(() => GenerationConfig.Read(_folder.Path)).Message;
        Assert.Contains("generation_config.json: " + field, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    public void Dispose() => _folder.Dispose();

    private void Write(string name, string json) => File.WriteAllText(Path.Combine(_folder.Path, name), json);
}
