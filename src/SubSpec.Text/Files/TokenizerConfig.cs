using System.Globalization;
using System.Text.Json;
using SubSpec.Core;
using SubSpec.Text.Vocabulary;

namespace SubSpec.Text.Files;

/// <summary>What <c>tokenizer_config.json</c> adds to the tokenizer: chat template, names of special tokens, and the added tokens of older folders.</summary>
internal sealed class TokenizerConfig
{
    public const string FileName = "tokenizer_config.json";

    private static readonly string[] NamedTokens = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    /// <summary>Chat templates by name, mostly one named <c>default</c>.</summary>
    public IReadOnlyDictionary<string, string> ChatTemplates { get; private init; } = new Dictionary<string, string>();

    /// <summary>For example Qwen2Tokenizer; null when the file does not say.</summary>
    public string? TokenizerClass { get; private init; }

    /// <summary><c>bos_token</c>, <c>eos_token</c> and so on to their text; templates see them as variables.</summary>
    public IReadOnlyDictionary<string, string> SpecialTokens { get; private init; } = new Dictionary<string, string>();

    public IReadOnlyList<AddedToken> AddedTokens { get; private init; } = [];

    /// <summary><c>add_bos_token</c>: whether a raw prompt begins with the beginning-of-text token; null leaves that to the tokenizer's own files.</summary>
    public bool? AddBeginning { get; private init; }

    /// <summary><c>add_prefix_space</c>, where the file says it.</summary>
    public bool? AddPrefixSpace { get; private init; }

    /// <summary><c>legacy</c>: SentencePiece's leading space comes before each part of a text that added tokens cut, not only before the first.</summary>
    public bool? Legacy { get; private init; }

    /// <summary>Reads the folder's file; without one everything is empty.</summary>
    /// <exception cref="BadInputException">The file is damaged.</exception>
    public static TokenizerConfig ReadFrom(string folder)
    {
        string path = Path.Combine(folder, FileName);
        return File.Exists(path) ? JsonFile.Read(path, Read) : new TokenizerConfig();
    }

    private static TokenizerConfig Read(JsonFile file)
    {
        return new TokenizerConfig
        {
            ChatTemplates = ReadChatTemplates(file),
            TokenizerClass = JsonFile.Text(file.Root, "tokenizer_class"),
            SpecialTokens = ReadSpecialTokens(file.Root),
            AddedTokens = ReadAddedTokens(file),
            AddBeginning = ReadFlag(file, "add_bos_token"),
            AddPrefixSpace = ReadFlag(file, "add_prefix_space"),
            Legacy = ReadFlag(file, "legacy"),
        };
    }

    private static bool? ReadFlag(JsonFile file, string key) =>
        JsonFile.Find(file.Root, key) is { ValueKind: JsonValueKind.True or JsonValueKind.False } value ? value.GetBoolean() : null;

    /// <summary>The template is a string, or there is a list of named ones.</summary>
    private static Dictionary<string, string> ReadChatTemplates(JsonFile file)
    {
        var templates = new Dictionary<string, string>();
        if (JsonFile.Find(file.Root, "chat_template") is not { } value) return templates;
        if (value.ValueKind == JsonValueKind.String)
        {
            templates.Add(Templates.ChatTemplates.Default, value.GetString()!);
            return templates;
        }

        if (value.ValueKind != JsonValueKind.Array) throw file.Damaged("'chat_template' is neither a text nor a list");
        foreach (JsonElement named in value.EnumerateArray())
            templates[file.Require(named, "name", JsonValueKind.String).GetString()!] = file.Require(named, "template", JsonValueKind.String).GetString()!;
        return templates;
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
