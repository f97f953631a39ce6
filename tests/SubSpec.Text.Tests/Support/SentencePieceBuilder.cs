using Google.Protobuf;
using SubSpec.Text.Files;

namespace SubSpec.Text.Tests.Support;

/// <summary>Writes SentencePiece's <c>tokenizer.model</c>.</summary>
internal sealed class SentencePieceBuilder
{
    private readonly List<byte[]> _pieces = [];

    public int ModelType { get; init; } = SentencePieceModel.BpeType;

    public bool ByteFallback { get; init; } = true;

    public int BeginningId { get; init; } = 1;

    public bool AddDummyPrefix { get; init; } = true;

    public bool RemoveExtraWhitespaces { get; init; }

    public bool EscapeWhitespaces { get; init; } = true;

    public bool WhitespaceAsSuffix { get; init; }

    public byte[] CharacterMap { get; init; } = [];

    /// <summary><c>&lt;unk&gt;</c>, <c>&lt;s&gt;</c>, <c>&lt;/s&gt;</c> and the 256 bytes, as ids 0 to 258.</summary>
    public SentencePieceBuilder WithUsualBeginning()
    {
        With("<unk>", 0, SentencePieceModel.PieceType.Unknown).With("<s>", 0, SentencePieceModel.PieceType.Control).With("</s>", 0, SentencePieceModel.PieceType.Control);
        for (int b = 0; b < 256; b++) With($"<0x{b:X2}>", 0, SentencePieceModel.PieceType.Byte);
        return this;
    }

    public SentencePieceBuilder With(string text, float score, SentencePieceModel.PieceType type = SentencePieceModel.PieceType.Normal)
    {
        _pieces.Add(Message(piece =>
        {
            piece.WriteTag(1, WireFormat.WireType.LengthDelimited);
            piece.WriteString(text);
            piece.WriteTag(2, WireFormat.WireType.Fixed32);
            piece.WriteFloat(score);
            piece.WriteTag(3, WireFormat.WireType.Varint);
            piece.WriteEnum((int)type);
        }));
        return this;
    }

    public byte[] Build() => Message(model =>
    {
        foreach (byte[] piece in _pieces) WriteMessage(model, 1, piece);
        WriteMessage(model, 2, Message(trainer =>
        {
            WriteNumber(trainer, 3, ModelType);
            WriteNumber(trainer, 24, WhitespaceAsSuffix ? 1 : 0);
            WriteNumber(trainer, 35, ByteFallback ? 1 : 0);
            WriteNumber(trainer, 41, BeginningId);
        }));
        WriteMessage(model, 3, Message(normalizer =>
        {
            WriteMessage(normalizer, 1, "identity"u8.ToArray());
            WriteMessage(normalizer, 2, CharacterMap);
            WriteNumber(normalizer, 3, AddDummyPrefix ? 1 : 0);
            WriteNumber(normalizer, 4, RemoveExtraWhitespaces ? 1 : 0);
            WriteNumber(normalizer, 5, EscapeWhitespaces ? 1 : 0);
        }));
        // A field that readers do not know.
        WriteMessage(model, 90, [1, 2, 3]);
    });

    public HuggingFaceTokenizer Load(string? tokenizerConfig = null)
    {
        using TemporaryFolder folder = new TemporaryFolder().With("tokenizer.model", Build());
        return HuggingFaceTokenizer.Load((tokenizerConfig is null ? folder : folder.With("tokenizer_config.json", tokenizerConfig)).Path);
    }

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using var bytes = new MemoryStream();
        using (var output = new CodedOutputStream(bytes, leaveOpen: true)) write(output);
        return bytes.ToArray();
    }

    private static void WriteMessage(CodedOutputStream output, int field, byte[] content)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(content));
    }

    private static void WriteNumber(CodedOutputStream output, int field, int value)
    {
        output.WriteTag(field, WireFormat.WireType.Varint);
        output.WriteInt32(value);
    }
}
