using System.Text;

namespace SubSpec.Text.Normalization;

/// <summary>
/// Unicode normalization form C (Unicode Standard Annex 15). Ours, because <see cref="string.Normalize()"/> returns its input
/// unchanged in the invariant-globalization mode that this program runs in.
/// </summary>
internal static class Nfc
{
    private const int SBase = 0xAC00, LBase = 0x1100, VBase = 0x1161, TBase = 0x11A7;
    private const int LCount = 19, VCount = 21, TCount = 28, SCount = LCount * VCount * TCount;

    /// <summary>Everything below this is a starter that composes with nothing before it and is its own NFC form.</summary>
    private const char FirstCombining = '\u0300';

    /// <param name="text">Well-formed UTF-16.</param>
    public static string Normalize(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange(FirstCombining, '\uFFFF')) return text;

        List<int> points = Decompose(text);
        OrderMarks(points);
        Compose(points);

        var result = new StringBuilder(text.Length);
        foreach (int point in points) result.Append(new Rune(point).ToString());
        return result.ToString();
    }

    private static List<int> Decompose(string text)
    {
        var points = new List<int>(text.Length);
        foreach (Rune rune in text.EnumerateRunes()) AddDecomposed(rune.Value, points);
        return points;
    }

    private static void AddDecomposed(int point, List<int> points)
    {
        int syllable = point - SBase;
        if (syllable is >= 0 and < SCount)
        {
            points.Add(LBase + syllable / (VCount * TCount));
            points.Add(VBase + syllable % (VCount * TCount) / TCount);
            if (syllable % TCount != 0) points.Add(TBase + syllable % TCount);
            return;
        }

        if (!CanonicalData.Instance.TryDecompose(point, out (int First, int Second) parts))
        {
            points.Add(point);
            return;
        }

        AddDecomposed(parts.First, points);
        if (parts.Second >= 0) AddDecomposed(parts.Second, points);
    }

    /// <summary>Sorts each run of combining marks by class, keeping the order of equals.</summary>
    private static void OrderMarks(List<int> points)
    {
        int start = 0;
        while (start < points.Count)
        {
            int end = start;
            while (end < points.Count && CanonicalData.Instance.CombiningClass(points[end]) != 0) end++;
            if (end - start > 1)
            {
                int[] run = [.. points.GetRange(start, end - start).OrderBy(p => CanonicalData.Instance.CombiningClass(p))];
                for (int i = 0; i < run.Length; i++) points[start + i] = run[i];
            }

            start = end + 1;
        }
    }

    /// <summary>Joins each character with the last starter before it, unless a character of the same or a higher class stands between.</summary>
    private static void Compose(List<int> points)
    {
        int starter = -1, kept = 0, lastClass = 0;
        foreach (int point in points.ToArray())
        {
            int combiningClass = CanonicalData.Instance.CombiningClass(point);
            bool adjacent = starter == kept - 1;
            bool reachable = starter >= 0 && (adjacent || (combiningClass > lastClass && lastClass != 0));
            if (reachable && TryCompose(points[starter], point, out int composite))
            {
                points[starter] = composite;
                continue;
            }

            if (combiningClass == 0) starter = kept;
            lastClass = combiningClass;
            points[kept++] = point;
        }

        points.RemoveRange(kept, points.Count - kept);
    }

    private static bool TryCompose(int first, int second, out int composite)
    {
        int l = first - LBase, v = second - VBase, s = first - SBase, t = second - TBase;
        if (l is >= 0 and < LCount && v is >= 0 and < VCount)
        {
            composite = SBase + (l * VCount + v) * TCount;
            return true;
        }

        if (s is >= 0 and < SCount && s % TCount == 0 && t is > 0 and < TCount)
        {
            composite = first + t;
            return true;
        }

        return CanonicalData.Instance.TryCompose(first, second, out composite);
    }
}
