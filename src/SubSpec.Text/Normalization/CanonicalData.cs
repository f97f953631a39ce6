using System.Globalization;

namespace SubSpec.Text.Normalization;

/// <summary>The Unicode character data that canonical composition needs (Hangul excepted), read once from the embedded table.</summary>
internal sealed class CanonicalData
{
    private readonly Dictionary<int, (int First, int Second)> _decompositions = [];
    private readonly Dictionary<(int First, int Second), int> _compositions = [];
    private readonly Dictionary<int, byte> _classes = [];

    private CanonicalData(TextReader reader)
    {
        while (reader.ReadLine() is { } line)
        {
            string[] part = line.Split(' ');
            if (part[0] is "C" or "D") AddDecomposition(part);
            if (part[0] is "M") AddClass(part);
        }
    }

    public static CanonicalData Instance { get; } = Load();

    /// <summary>One step of canonical decomposition; Second is -1 for a singleton.</summary>
    public bool TryDecompose(int codePoint, out (int First, int Second) parts) => _decompositions.TryGetValue(codePoint, out parts);

    public bool TryCompose(int first, int second, out int codePoint) => _compositions.TryGetValue((first, second), out codePoint);

    /// <summary>Canonical combining class, 0 for a starter.</summary>
    public byte CombiningClass(int codePoint) => _classes.GetValueOrDefault(codePoint);

    private static CanonicalData Load()
    {
        using Stream stream = typeof(CanonicalData).Assembly.GetManifestResourceStream("canonical.txt")!;
        using var reader = new StreamReader(stream);
        return new CanonicalData(reader);
    }

    private void AddDecomposition(string[] part)
    {
        int codePoint = Hex(part[1]), first = Hex(part[2]), second = part.Length > 3 ? Hex(part[3]) : -1;
        _decompositions.Add(codePoint, (first, second));
        if (part[0] is "C") _compositions.Add((first, second), codePoint);
    }

    private void AddClass(string[] part)
    {
        byte combiningClass = byte.Parse(part[3], CultureInfo.InvariantCulture);
        for (int codePoint = Hex(part[1]); codePoint <= Hex(part[2]); codePoint++) _classes.Add(codePoint, combiningClass);
    }

    private static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
