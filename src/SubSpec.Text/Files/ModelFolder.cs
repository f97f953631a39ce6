using System.Text;
using SubSpec.Core;
using SubSpec.Text.Templates;

namespace SubSpec.Text.Files;

/// <summary>Finds the tokenizer and the chat templates among the files of a model folder.</summary>
internal static class ModelFolder
{
    /// <exception cref="BadInputException">The folder has no tokenizer, or one that is damaged or not supported.</exception>
    public static TokenizerDefinition ReadTokenizer(string folder, TokenizerConfig config)
    {
        if (!Directory.Exists(folder)) throw new BadInputException($"model folder {folder} does not exist: give the folder of a Hugging Face model");
        TokenizerDefinition definition = ReadFiles(folder, config);
        return config.AddBeginning switch
        {
            false => definition with { PromptPrefix = [] },
            true when config.SpecialTokens.TryGetValue("bos_token", out string? token) && definition.IdOf(token) is { } id => definition with { PromptPrefix = [id] },
            _ => definition,
        };
    }

    /// <summary>The chat templates: the file of its own, where there is one, before the configuration's default one.</summary>
    public static ChatTemplates ReadChatTemplates(string folder, TokenizerConfig config)
    {
        string configPath = Path.Combine(folder, TokenizerConfig.FileName), path = Path.Combine(folder, "chat_template.jinja");
        var sources = config.ChatTemplates.ToDictionary(t => t.Key, t => ($"{configPath}: chat_template '{t.Key}'", t.Value));
        if (File.Exists(path)) sources[ChatTemplates.Default] = (path, Encoding.UTF8.GetString(BadFile.ReadBytes(path)));
        return new ChatTemplates(sources);
    }

    /// <summary>The files that hold the tokenizer, none where there is no tokenizer.</summary>
    public static string[] TokenizerFiles(string folder)
    {
        string[][] layouts = [["tokenizer.json"], ["vocab.json", "merges.txt"], ["tokenizer.model"]];
        return layouts.Select(names => names.Select(name => Path.Combine(folder, name)).ToArray()).FirstOrDefault(files => files.All(File.Exists)) ?? [];
    }

    private static TokenizerDefinition ReadFiles(string folder, TokenizerConfig config) => TokenizerFiles(folder) switch
    {
        [string vocab, string merges] => VocabAndMerges.Read(vocab, merges, config, ReadModelType(folder)),
        [string json] when json.EndsWith(".json", StringComparison.Ordinal) => TokenizerJson.Read(json),
        [string model] => ReadModel(folder, model, config),
        _ => throw new BadInputException($"{folder} has no tokenizer: put the model's tokenizer.json (or vocab.json and merges.txt, or tokenizer.model) there"),
    };

    /// <summary>Two formats have this name.</summary>
    private static TokenizerDefinition ReadModel(string folder, string path, TokenizerConfig config)
    {
        byte[] content = BadFile.ReadBytes(path);
        return content[0] == SentencePieceReader.FirstByte
            ? SentencePieceFile.Read(path, content, config)
            : TiktokenFile.Read(path, content, config, ReadModelType(folder));
    }

    private static string? ReadModelType(string folder)
    {
        string path = Path.Combine(folder, "config.json");
        return File.Exists(path) ? JsonFile.Read(path, file => JsonFile.Text(file.Root, "model_type")) : null;
    }
}
