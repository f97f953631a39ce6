namespace SubSpec.Text.Splitting;

/// <summary>Puts a space before text that does not begin with one (ByteLevel's <c>add_prefix_space</c>).</summary>
internal sealed class PrefixSpace : IPieceSplitter
{
    public IEnumerable<string> Split(string text, bool first) => [text[0] == ' ' ? text : " " + text];
}
