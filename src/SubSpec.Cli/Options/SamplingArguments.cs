using System.CommandLine;
using System.Globalization;
using SubSpec.Core;
using SubSpec.Core.Generation;
using SubSpec.Core.Sampling;

namespace SubSpec.Cli.Options;

/// <summary>How tokens are chosen and when an answer ends. What is not given is as the model's makers want it (<c>generation_config.json</c>).</summary>
internal sealed class SamplingArguments(int defaultMaxTokens)
{
    private readonly Option<int?> _maxTokens = Typed.Whole("--max-tokens", 1, 1 << 20, $"most tokens of an answer (default {defaultMaxTokens})");
    private readonly Option<double?> _temperature = Typed.Real("--temperature", "T", "0 takes the best token; higher varies more (default: the model's, else 0)");
    private readonly Option<double?> _topP = Typed.Real("--top-p", "P", "keep the fewest tokens that reach this probability (default: the model's, else 1: all)");
    private readonly Option<int?> _topK = Typed.Whole("--top-k", 0, int.MaxValue, "keep the k best tokens (default: the model's, else 0: all)");
    private readonly Option<double?> _minP = Typed.Real("--min-p", "P", "keep tokens at least this share as probable as the best (default: the model's, else 0: all)");
    private readonly Option<double?> _repetition = Typed.Real("--repetition-penalty", "R", "make tokens that were there already less likely (default: the model's, else 1: off)");
    private readonly Option<string[]> _stop = Typed.Texts("--stop", "TEXT", "end the answer before this text; may be repeated");
    private readonly Option<ulong?> _seed = Typed.Parsed<ulong?>("--seed", "S", "make sampling repeatable (default: random; always reported)", text =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed)
            ? seed
            : throw new BadInputException($"--seed '{text}' is not valid: give a whole number from 0 to {ulong.MaxValue}"));

    public OptionGroup Group => new("Answer", [_maxTokens, _temperature, _topP, _topK, _minP, _repetition, _stop, _seed]);

    /// <summary>The seed that was given, or null.</summary>
    public ulong? Seed(ParseResult parsed) => parsed.GetValue(_seed);

    /// <summary>A request with everything but its prompt, which is empty.</summary>
    /// <exception cref="BadInputException">A number is out of range, or a stop text is empty.</exception>
    public GenerationRequest Read(ParseResult parsed, GenerationDefaults defaults, ulong seed)
    {
        var sampling = new SamplingOptions
        {
            Temperature = parsed.GetValue(_temperature) ?? defaults.Temperature ?? 0,
            TopK = parsed.GetValue(_topK) ?? defaults.TopK ?? 0,
            TopP = parsed.GetValue(_topP) ?? defaults.TopP ?? 1,
            MinP = parsed.GetValue(_minP) ?? defaults.MinP ?? 0,
            RepetitionPenalty = parsed.GetValue(_repetition) ?? defaults.RepetitionPenalty ?? 1,
            Seed = seed,
        };
        sampling.Validate();
        string[] stop = parsed.GetValue(_stop) ?? [];
        if (stop.Contains("")) throw new BadInputException("--stop is empty: give at least one character, or leave it out");
        return new GenerationRequest
        {
            Prompt = new Prompt.Tokens([]),
            Sampling = sampling,
            MaxTokens = parsed.GetValue(_maxTokens) ?? defaultMaxTokens,
            Stop = [.. stop],
        };
    }
}
