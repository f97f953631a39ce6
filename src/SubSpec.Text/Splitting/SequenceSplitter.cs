namespace SubSpec.Text.Splitting;

/// <summary>Several splitters, each applied to the pieces of the one before. With none, text stays whole.</summary>
internal sealed class SequenceSplitter(IReadOnlyList<IPieceSplitter> parts) : IPieceSplitter
{
    public IEnumerable<string> Split(string text, bool first) => parts.Aggregate<IPieceSplitter, IEnumerable<string>>(
        [text], (pieces, splitter) => pieces.SelectMany((piece, i) => splitter.Split(piece, first && i == 0)));
}
