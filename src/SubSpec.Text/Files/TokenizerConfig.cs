using System.Globalization;
using System.Text.Json;
using SubSpec.Core;
using SubSpec.Text.Vocabulary;

namespace SubSpec.Text.Files;

/// <summary>What <c>tokenizer_config.json</c> adds to the tokenizer: chat template, names of special tokens, and the added tokens of older folders.</summary>
internal sealed class TokenizerConfig
{
    private static readonly string[] NamedTokens = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    /// <summary>Source of the chat template, or null.</summary>
    public string? ChatTemplate { get; private init; }

    /// <summary>For example Qwen2Tokenizer; null when the file does not say.</summary>
    public string? TokenizerClass { get; private init; }

    /// <summary><c>bos_token</c>, <c>eos_token</c> and so on to their text; templates see them as variables.</summary>
    public IReadOnlyDictionary<string, string> SpecialTokens { get; private init; } = new Dictionary<string, string>();

    public IReadOnlyList<AddedToken> AddedTokens { get; private init; } = [];

    /// <summary>The bos token's id where <c>add_bos_token</c> is set.</summary>
    public IReadOnlyList<int> PromptPrefix { get; private init; } = [];

    /// <summary>Reads the folder's file; without one everything is empty.</summary>
    /// <exception cref="BadInputException">The file is damaged.</exception>
    public static TokenizerConfig ReadFrom(string folder)
    {
        string path = Path.Combine(folder, "tokenizer_config.json");
        return File.Exists(path) ? JsonFile.Read(path, Read) : new TokenizerConfig();
    }

    private static TokenizerConfig Read(JsonFile file)
    {
        IReadOnlyDictionary<string, string> special = ReadSpecialTokens(file.Root);
        IReadOnlyList<AddedToken> added = ReadAddedTokens(file);
        bool addBos = JsonFile.IsTrue(file.Root, "add_bos_token");
        return new TokenizerConfig
        {
            ChatTemplate = ReadChatTemplate(file),
            TokenizerClass = JsonFile.Text(file.Root, "tokenizer_class"),
            SpecialTokens = special,
            AddedTokens = added,
            PromptPrefix = addBos && special.TryGetValue("bos_token", out string? bos) ? [.. added.Where(t => t.Content == bos).Select(t => t.Id)] : [],
        };
    }

    /// <summary>The template is a string, or a list of named ones of which <c>default</c> is meant.</summary>
    private static string? ReadChatTemplate(JsonFile file)
    {
        if (JsonFile.Find(file.Root, "chat_template") is not { } value) return null;
        if (value.ValueKind == JsonValueKind.String) return value.GetString();
        if (value.ValueKind != JsonValueKind.Array) throw file.Damaged("'chat_template' is neither a text nor a list");
        JsonElement? chosen = value.EnumerateArray().Where(t => JsonFile.Text(t, "name") == "default").Select(t => (JsonElement?)t).FirstOrDefault();
        return chosen is { } named ? file.Require(named, "template", JsonValueKind.String).GetString() : null;
    }

    private static Dictionary<string, string> ReadSpecialTokens(JsonElement root)
    {
        var special = new Dictionary<string, string>();
        foreach (string name in NamedTokens)
        {
            // A token is written as its text or as an object with the text in it.
            string? text = JsonFile.Text(root, name) ?? (JsonFile.Find(root, name) is { } token ? JsonFile.Text(token, "content") : null);
            if (text is not null) special.Add(name, text);
        }

        return special;
    }

    private static List<AddedToken> ReadAddedTokens(JsonFile file)
    {
        var tokens = new List<AddedToken>();
        if (JsonFile.Find(file.Root, "added_tokens_decoder") is not { ValueKind: JsonValueKind.Object } table) return tokens;
        foreach (JsonProperty entry in table.EnumerateObject())
        {
            string content = file.Require(entry.Value, "content", JsonValueKind.String).GetString()!;
            if (!int.TryParse(entry.Name, NumberStyles.None, CultureInfo.InvariantCulture, out int id) || id > TokenizerDefinition.MaxId)
                throw file.Damaged($"the id '{entry.Name}' of '{content}' is not a number from 0 to {TokenizerDefinition.MaxId}");
            tokens.Add(AddedTokenReader.Read(entry.Value, content, id));
        }

        return tokens;
    }
}
