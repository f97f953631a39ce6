using System.Collections.Immutable;
using SubSpec.Core.Sampling;

namespace SubSpec.Core.Tests.Sampling;

public class SamplingOptionsTests
{
    public static TheoryData<string, SamplingOptions> Refused => new()
    {
        { "temperature", new() { Temperature = -0.1 } },
        { "temperature", new() { Temperature = double.NaN } },
        { "temperature", new() { Temperature = 1e-300 } },
        { "temperature", new() { Temperature = double.PositiveInfinity } },
        { "top-k", new() { TopK = -1 } },
        { "top-p", new() { TopP = 0 } },
        { "top-p", new() { TopP = 1.01 } },
        { "min-p", new() { MinP = -0.5 } },
        { "min-p", new() { MinP = 2 } },
        { "repetition penalty", new() { RepetitionPenalty = 0 } },
        { "presence penalty", new() { PresencePenalty = 11 } },
        { "frequency penalty", new() { FrequencyPenalty = double.NaN } },
        { "logit bias", new() { LogitBias = ImmutableDictionary<int, float>.Empty.Add(3, float.PositiveInfinity) } },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void An_option_out_of_range_is_named_in_one_line(string name, SamplingOptions options)
    {
        var refusal = Assert.Throws<BadInputException>(options.Validate);
        Assert.StartsWith(name, refusal.Message);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Fact]
    public void Ends_of_the_ranges_are_accepted()
    {
        SamplingOptions.Greedy.Validate();
        var widest = new SamplingOptions { Temperature = 100, TopP = 1, MinP = 1, RepetitionPenalty = 10, PresencePenalty = -10, FrequencyPenalty = 10 };
        widest.Validate();
        (widest with { Temperature = 1e-9, TopK = int.MaxValue, TopP = double.Epsilon, MinP = 0 }).Validate();
        Assert.True(widest.HasPenalties);
        Assert.False(SamplingOptions.Greedy.HasPenalties);
    }
}
