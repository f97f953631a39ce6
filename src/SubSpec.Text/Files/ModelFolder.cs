using SubSpec.Core;

namespace SubSpec.Text.Files;

/// <summary>Finds the tokenizer among the files of a model folder.</summary>
internal static class ModelFolder
{
    /// <exception cref="BadInputException">The folder has no tokenizer, or one that is damaged or not supported.</exception>
    public static TokenizerDefinition ReadTokenizer(string folder, TokenizerConfig config)
    {
        if (!Directory.Exists(folder)) throw new BadInputException($"model folder {folder} does not exist: give the folder of a Hugging Face model");

        string json = Path.Combine(folder, "tokenizer.json"), vocab = Path.Combine(folder, "vocab.json"), merges = Path.Combine(folder, "merges.txt");
        if (File.Exists(json)) return TokenizerJson.Read(json);
        if (File.Exists(vocab) && File.Exists(merges)) return VocabAndMerges.Read(vocab, merges, config, ReadModelType(folder));
        throw new BadInputException($"{folder} has no tokenizer: put the model's tokenizer.json (or vocab.json and merges.txt) there");
    }

    /// <summary>The chat template's source: the file of its own, where there is one, before the configuration's.</summary>
    public static string? ReadChatTemplate(string folder, TokenizerConfig config)
    {
        string path = Path.Combine(folder, "chat_template.jinja");
        try
        {
            return File.Exists(path) ? File.ReadAllText(path) : config.ChatTemplate;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path} cannot be read ({e.Message}): check the file", e);
        }
    }

    private static string? ReadModelType(string folder)
    {
        string path = Path.Combine(folder, "config.json");
        return File.Exists(path) ? JsonFile.Read(path, file => JsonFile.Text(file.Root, "model_type")) : null;
    }
}
