using SubSpec.Core;

namespace SubSpec.Text.Files;

/// <summary>What can be wrong with a file of the model folder, each as one line that names it.</summary>
internal static class BadFile
{
    private const int MaxBytes = 256 << 20;
    private const int MaxDetail = 400;

    /// <summary>The bytes of a file of a size that such files can have.</summary>
    /// <exception cref="BadInputException">It is empty, larger, no regular file, or cannot be read.</exception>
    public static byte[] ReadBytes(string path)
    {
        try
        {
            return SmallFile.Read(path, MaxBytes, "a file of a tokenizer");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, e);
        }
    }

    public static BadInputException Unreadable(string path, Exception e) => new($"{path} cannot be read ({OneLine(e.Message)}): download the file again", e);

    public static BadInputException Damaged(string path, string what) => new($"{path}: {OneLine(what)}: the file is damaged, download it again");

    public static BadInputException Unsupported(string path, string what) =>
        new($"{path}: {OneLine(what)} is not supported: use a model whose tokenizer is byte-level or SentencePiece BPE (Qwen, Llama, Mistral, Gemma and their relatives)");

    /// <summary>What is wrong may quote the file: a line's worth of it, without what would disturb a terminal.</summary>
    private static string OneLine(string text) =>
        string.Concat((text.Length <= MaxDetail ? text : text[..MaxDetail] + "...").Select(c => char.IsControl(c) ? ' ' : c));
}
