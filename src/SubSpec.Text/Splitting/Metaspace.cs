namespace SubSpec.Text.Splitting;

/// <summary>SentencePiece's way with spaces: each becomes a visible mark, and text begins with one.</summary>
/// <param name="mark">What stands for a space, mostly <c>▁</c>.</param>
/// <param name="prepend">Which pieces get a mark put before them, where they do not begin with one.</param>
/// <param name="split">Whether text is cut before each mark.</param>
internal sealed class Metaspace(string mark, PrependScheme prepend, bool split) : IPieceSplitter
{
    public IEnumerable<string> Split(string text, bool first)
    {
        string marked = text.Replace(" ", mark, StringComparison.Ordinal);
        if ((prepend == PrependScheme.Always || (prepend == PrependScheme.First && first)) && !marked.StartsWith(mark, StringComparison.Ordinal)) marked = mark + marked;
        return split ? CutBeforeMarks(marked) : [marked];
    }

    private IEnumerable<string> CutBeforeMarks(string text)
    {
        int start = 0;
        for (int next; start < text.Length; start = next)
        {
            next = text.IndexOf(mark, start + 1, StringComparison.Ordinal);
            if (next < 0) next = text.Length;
            yield return text[start..next];
        }
    }
}
