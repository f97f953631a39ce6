namespace SubSpec.Text.Splitting;

/// <summary>Cuts text into the pieces that byte-pair encoding never merges across.</summary>
internal interface IPieceSplitter
{
    /// <summary>The pieces of <paramref name="text"/>, in order; none is empty.</summary>
    /// <param name="text">Some text, not empty.</param>
    /// <param name="first">Whether it is the beginning of everything that is encoded.</param>
    IEnumerable<string> Split(string text, bool first);
}
