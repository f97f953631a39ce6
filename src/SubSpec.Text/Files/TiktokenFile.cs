using System.Buffers.Text;
using System.Text;
using SubSpec.Core;
using SubSpec.Text.Splitting;
using SubSpec.Text.Vocabulary;

namespace SubSpec.Text.Files;

/// <summary>
/// Makes a tokenizer of a tiktoken <c>tokenizer.model</c>: lines of a token in base64 and its rank, which is its id. The file says
/// neither how text is split nor what the special tokens are, so only Llama 3's is read, with the tokens that Llama 3.1 publishes
/// unless tokenizer_config.json lists others.
/// </summary>
internal static class TiktokenFile
{
    private const int Llama3Ranks = 128_000;
    private const int Llama3SpecialTokens = 256;
    private const string BeginOfText = "<|begin_of_text|>";

    private static readonly Dictionary<int, string> NamedSpecialTokens = new()
    {
        [0] = BeginOfText,
        [1] = "<|end_of_text|>",
        [4] = "<|finetune_right_pad_id|>",
        [6] = "<|start_header_id|>",
        [7] = "<|end_header_id|>",
        [8] = "<|eom_id|>",
        [9] = "<|eot_id|>",
        [10] = "<|python_tag|>",
    };

    /// <exception cref="BadInputException">The file is damaged, or is not Llama 3's.</exception>
    public static TokenizerDefinition Read(string path, byte[] content, TokenizerConfig config, string? modelType)
    {
        Dictionary<string, int> ranks = ReadRanks(path, content);
        if (ranks.Count != Llama3Ranks && modelType != "llama")
            throw BadFile.Unsupported(path, $"a tiktoken vocabulary of {ranks.Count} tokens for model_type '{modelType}', with nothing to say how text is split,");

        IReadOnlyList<AddedToken> added = config.AddedTokens.Count > 0 ? config.AddedTokens : SpecialTokens(ranks.Count);
        return new TokenizerDefinition(
            ranks,
            new ByteLevelBpe(ranks, MergeTable.OfRanks(ranks, id => id), wholes: ranks, what => BadFile.Damaged(path, what)),
            text => text,
            new RegexSplitter(RegexSplitter.Compile(KnownPatterns.Llama3)),
            TokenDecoding.ByteLevel,
            added,
            [.. added.Where(t => t.Content == config.SpecialTokens.GetValueOrDefault("bos_token", BeginOfText)).Select(t => t.Id)]);
    }

    private static Dictionary<string, int> ReadRanks(string path, byte[] content)
    {
        var ranks = new Dictionary<string, int>(StringComparer.Ordinal);
        var ids = new HashSet<int>();
        int number = 0;
        foreach (Range range in content.AsSpan().Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = content.AsSpan(range).TrimEnd((byte)'\r');
            number++;
            if (line.IsEmpty) continue;
            int space = line.IndexOf((byte)' ');
            if (space < 0 || !Utf8Parser.TryParse(line[(space + 1)..], out int id, out int digits) || digits != line.Length - space - 1 || id is < 0 or > TokenizerDefinition.MaxId)
                throw BadFile.Damaged(path, $"line {number} is not a token and a rank from 0 to {TokenizerDefinition.MaxId}");

            string token = Decode(line[..space]) ?? throw BadFile.Damaged(path, $"the token in line {number} is not base64 of 1 to {TokenizerDefinition.MaxTokenLength} bytes");
            if (!ranks.TryAdd(token, id) || !ids.Add(id)) throw BadFile.Damaged(path, $"line {number} repeats a token or a rank");
        }

        return ranks;
    }

    /// <summary>A token in the byte alphabet, or null when it is no token.</summary>
    private static string? Decode(ReadOnlySpan<byte> base64)
    {
        Span<byte> bytes = stackalloc byte[TokenizerDefinition.MaxTokenLength];
        return Base64.IsValid(base64, out int length) && length > 0 && length <= bytes.Length && Base64.DecodeFromUtf8(base64, bytes, out _, out int written) == System.Buffers.OperationStatus.Done
            ? ByteAlphabet.OfBytes(bytes[..written])
            : null;
    }

    private static List<AddedToken> SpecialTokens(int firstId)
    {
        int reserved = 0;
        return [.. Enumerable.Range(0, Llama3SpecialTokens).Select(i =>
            new AddedToken(firstId + i, NamedSpecialTokens.GetValueOrDefault(i) ?? $"<|reserved_special_token_{reserved++}|>", Special: true))];
    }
}
