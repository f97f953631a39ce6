using System.Text;
using SubSpec.Core;

namespace SubSpec.Torch.Safetensors;

/// <summary>One line for each thing that can be wrong with a file: the file, the field, and what to do.</summary>
internal static class SafetensorsError
{
    private const int MaxNameLength = 120;

    /// <summary>The content contradicts itself or the format.</summary>
    public static BadInputException Damaged(string file, string field, string what, Exception? inner = null) =>
        new($"{file}: {field}: {what}. The file is damaged or not safetensors: download or convert it again.", inner!);

    /// <summary>The content may be valid, but is larger than this program accepts.</summary>
    public static BadInputException Limit(string file, string field, string what) =>
        new($"{file}: {field}: {what}. Split the checkpoint into smaller files.");

    /// <summary>How a field of a header is named in errors; the name comes from the file and may hold anything.</summary>
    public static string Field(string tensor, string key) => $"\"{Printable(tensor)}\".{Printable(key)}";

    /// <summary>Text from a file, made fit for one line of a terminal.</summary>
    public static string Printable(string text)
    {
        var line = new StringBuilder(Math.Min(text.Length, MaxNameLength + 3));
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (line.Length >= MaxNameLength) return line.Append("...").ToString();
            if (Rune.IsControl(rune)) line.Append('?');
            else line.Append(rune.ToString());
        }
        return line.ToString();
    }
}
