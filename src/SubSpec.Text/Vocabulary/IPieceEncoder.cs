namespace SubSpec.Text.Vocabulary;

/// <summary>The vocabulary's part of encoding: one pre-split piece of text to ids. Immutable.</summary>
internal interface IPieceEncoder
{
    /// <summary>Appends the ids of one piece.</summary>
    void Append(string piece, List<int> ids);
}
