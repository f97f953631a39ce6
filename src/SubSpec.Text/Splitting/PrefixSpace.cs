namespace SubSpec.Text.Splitting;

/// <summary>Puts a space before text that does not begin with white space (ByteLevel's <c>add_prefix_space</c>).</summary>
internal sealed class PrefixSpace : IPieceSplitter
{
    public IEnumerable<string> Split(string text) => [char.IsWhiteSpace(text[0]) ? text : " " + text];
}
