namespace SubSpec.Text.Splitting;

/// <summary>Cuts text into the pieces that byte-pair encoding never merges across.</summary>
internal interface IPieceSplitter
{
    /// <summary>The pieces of <paramref name="text"/>, in order; none is empty.</summary>
    IEnumerable<string> Split(string text);
}
