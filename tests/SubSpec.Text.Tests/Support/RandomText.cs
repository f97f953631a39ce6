using System.Text;

namespace SubSpec.Text.Tests.Support;

/// <summary>Random text of any characters, from a seed.</summary>
internal static class RandomText
{
    /// <summary>Well-formed text from many scripts, with controls, marks, unassigned code points and emoji.</summary>
    public static string WellFormed(Random random, int maxLength)
    {
        var text = new StringBuilder();
        for (int i = random.Next(maxLength); i > 0; i--)
        {
            int limit = random.Next(5) switch { 0 => 0x80, 1 => 0x800, 2 => 0x10000, 3 => 0x30000, _ => 0x110000 };
            int point = random.Next(limit);
            text.Append(Rune.IsValid(point) ? new Rune(point).ToString() : " ");
        }

        return text.ToString();
    }

    /// <summary>Letters and spaces, mostly of common words.</summary>
    public static string Words(Random random, int maxLength)
    {
        string[] words = ["once", "upon", "a", "time", "the", "There", "little", "girl", "named", "Lily", "and", "said", "don't", "happy", "day", "zq", "  ", "q"];
        return string.Concat(Enumerable.Range(0, random.Next(maxLength)).Select(_ => words[random.Next(words.Length)] + (random.Next(3) == 0 ? "" : " ")));
    }

    /// <summary>Any UTF-16 at all, lone surrogates included.</summary>
    public static string Any(Random random, int maxLength)
    {
        var chars = new char[random.Next(maxLength)];
        for (int i = 0; i < chars.Length; i++) chars[i] = (char)(random.Next(3) == 0 ? random.Next(0xD800, 0xE000) : random.Next(0x10000));
        return new string(chars);
    }
}
