using System.Collections.Immutable;

namespace SubSpec.Core.Sampling;

/// <summary>
/// How a sequence's next token is chosen. The choice is a pure function of logits, path and these options; the noise belongs to
/// (<see cref="Seed"/>, <see cref="Choice"/>, position, token), so plain decoding, draft and verification draw the same.
/// </summary>
public sealed record SamplingOptions
{
    /// <summary>Greedy: the highest logit, ties to the lowest id.</summary>
    public static SamplingOptions Greedy { get; } = new();

    /// <summary>0 is greedy; otherwise logits are divided by it.</summary>
    public double Temperature { get; init; }

    /// <summary>Keep the k highest tokens; 0 keeps all.</summary>
    public int TopK { get; init; }

    /// <summary>Keep the fewest highest tokens whose probabilities reach p; 1 keeps all.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Keep tokens at least this share as probable as the best; 0 keeps all.</summary>
    public double MinP { get; init; }

    /// <summary>Divides positive and multiplies negative logits of tokens seen in prompt or output (Keskar et al. 2019); 1 is off.</summary>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>Subtracted once from tokens that the output already holds; 0 is off.</summary>
    public double PresencePenalty { get; init; }

    /// <summary>Subtracted as often as the output holds the token; 0 is off.</summary>
    public double FrequencyPenalty { get; init; }

    /// <summary>Added to the logits of these tokens after the penalties.</summary>
    public ImmutableDictionary<int, float> LogitBias { get; init; } = ImmutableDictionary<int, float>.Empty;

    public ulong Seed { get; init; }

    /// <summary>Which of several answers to one prompt this is.</summary>
    public int Choice { get; init; }

    public bool HasPenalties => RepetitionPenalty != 1 || PresencePenalty != 0 || FrequencyPenalty != 0;

    /// <summary>Whether any token may be chosen: noise decides among all of them.</summary>
    public bool IsUnfiltered => Temperature > 0 && TopK == 0 && TopP >= 1 && MinP <= 0;

    /// <summary>Throws <see cref="BadInputException"/> naming the option that is out of range.</summary>
    public void Validate()
    {
        // Quotients of logits and a temperature yet smaller could overflow.
        Check(Temperature is 0 or (>= 1e-9 and <= 100), "temperature", Temperature, "0, or 1e-9 to 100");
        Check(TopK >= 0, "top-k", TopK, "0 or more");
        Check(TopP is > 0 and <= 1, "top-p", TopP, "above 0, at most 1");
        Check(MinP is >= 0 and <= 1, "min-p", MinP, "0 to 1");
        Check(RepetitionPenalty is > 0 and <= 10, "repetition penalty", RepetitionPenalty, "above 0, at most 10");
        Check(PresencePenalty is >= -10 and <= 10, "presence penalty", PresencePenalty, "-10 to 10");
        Check(FrequencyPenalty is >= -10 and <= 10, "frequency penalty", FrequencyPenalty, "-10 to 10");
        Check(LogitBias.Values.All(float.IsFinite), "logit bias", "not finite", "finite numbers");
    }

    private static void Check(bool valid, string name, object value, string range)
    {
        if (!valid) throw new BadInputException(FormattableString.Invariant($"{name} {value} is out of range: give {range}"));
    }
}
