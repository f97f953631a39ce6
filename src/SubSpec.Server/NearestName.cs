namespace SubSpec.Server;

/// <summary>What somebody may have meant.</summary>
public static class NearestName
{
    /// <summary>The known name with the fewest edits (Levenshtein), or null where none is close.</summary>
    public static string? To(string name, IEnumerable<string> known)
    {
        // Longer than any of ours.
        if (name.Length > 64) return null;
        string plain = Plain(name);
        (string? best, int fewest) = (null, Math.Max(2, name.Length / 3) + 1);
        foreach (string candidate in known)
        {
            int edits = Edits(plain, Plain(candidate));
            if (edits < fewest) (best, fewest) = (candidate, edits);
        }
        return best;
    }

    /// <summary>An end of a sentence: <c>: did you mean 'x'?</c> or nothing.</summary>
    public static string Hint(string name, IEnumerable<string> known) => To(name, known) is { } near ? $": did you mean '{near}'?" : "";

    private static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToUpperInvariant();

    private static int Edits(string a, string b)
    {
        // One row of the table at a time.
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            (int corner, row[0]) = (row[0], i);
            for (int j = 1; j <= b.Length; j++)
            {
                int edits = Math.Min(Math.Min(row[j], row[j - 1]) + 1, corner + (a[i - 1] == b[j - 1] ? 0 : 1));
                (corner, row[j]) = (row[j], edits);
            }
        }
        return row[b.Length];
    }
}
