namespace SubSpec.Text.Files;

/// <summary>What a SentencePiece <c>tokenizer.model</c> says, with the defaults of its format.</summary>
internal sealed class SentencePieceModel
{
    public const int UnigramType = 1, BpeType = 2;

    public List<Piece> Pieces { get; } = [];

    /// <summary><see cref="UnigramType"/>, <see cref="BpeType"/>, or 3 and 4 for words and characters.</summary>
    public int ModelType { get; set; } = UnigramType;

    public bool ByteFallback { get; set; }

    public bool WhitespaceAsSuffix { get; set; }

    /// <summary>Id of the beginning-of-text token; negative for none.</summary>
    public int BeginningId { get; set; } = 1;

    public string NormalizerName { get; set; } = "";

    public bool HasCharacterMap { get; set; }

    public bool AddDummyPrefix { get; set; } = true;

    public bool RemoveExtraWhitespaces { get; set; } = true;

    public bool EscapeWhitespaces { get; set; } = true;

    /// <summary>One token; its id is its place.</summary>
    public readonly record struct Piece(string Text, float Score, PieceType Type);

    /// <summary>Numbered as in the format.</summary>
    public enum PieceType
    {
        Normal = 1,
        Unknown = 2,
        Control = 3,
        UserDefined = 4,
        Unused = 5,
        Byte = 6,
    }
}
