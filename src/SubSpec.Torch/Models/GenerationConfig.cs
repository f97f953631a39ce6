using System.Collections.Immutable;
using SubSpec.Core.Generation;

namespace SubSpec.Torch.Models;

/// <summary>What a model folder says about generating: end tokens of <c>generation_config.json</c> and <c>config.json</c>, and sampling defaults of the former.</summary>
public sealed record GenerationConfig(ImmutableHashSet<int> EndTokens, GenerationDefaults Defaults)
{
    private const string FileName = "generation_config.json";

    /// <summary>Throws <see cref="Core.BadInputException"/> naming the file and the field that is wrong. A folder without the file is fine.</summary>
    /// <param name="path">A model folder, or a <c>config.json</c> alone.</param>
    public static GenerationConfig Read(string path)
    {
        bool isFolder = Directory.Exists(path);
        IEnumerable<int> ends = ConfigReader.Open(path).TokenIds("eos_token_id");
        string file = Path.Combine(path, FileName);
        if (!isFolder || !File.Exists(file)) return new GenerationConfig([.. ends], GenerationDefaults.None);
        ConfigReader config = ConfigReader.Open(file);
        return new GenerationConfig([.. ends, .. config.TokenIds("eos_token_id")], DefaultsOf(config));
    }

    private static GenerationDefaults DefaultsOf(ConfigReader config)
    {
        var read = new GenerationDefaults(
            config.Number("temperature", 0, 100),
            config.Number("top_p", 0, 1),
            (int?)config.Number("top_k", -1, int.MaxValue),
            config.Number("min_p", 0, 1),
            config.Number("repetition_penalty", 0.01, 10));
        return read with
        {
            // As transformers has it: without sampling, temperature and filters mean nothing.
            Temperature = config.Flag("do_sample", absent: true) ? read.Temperature : 0,
            TopP = read.TopP is 0 ? null : read.TopP,
            TopK = read.TopK is { } k ? Math.Max(0, k) : null,
        };
    }
}
