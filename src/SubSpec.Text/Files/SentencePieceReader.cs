using System.Text;
using Google.Protobuf;
using SubSpec.Core;

namespace SubSpec.Text.Files;

/// <summary>Reads the fields that matter from a SentencePiece <c>tokenizer.model</c> (protocol buffers, message ModelProto).</summary>
internal static class SentencePieceReader
{
    /// <summary>How such a file begins: with its first piece.</summary>
    public const byte FirstByte = PieceField;

    // A tag is a field's number and how its value is written.
    private const uint Varint = 0, Bytes = 2, Fixed32 = 5;
    private const byte PieceField = (1 << 3) | (byte)Bytes;
    private const float MaxScore = 1e9f;
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="BadInputException">The file is damaged.</exception>
    public static SentencePieceModel Read(string path, byte[] content)
    {
        var model = new SentencePieceModel();
        try
        {
            ReadFields(content, (input, tag) =>
            {
                switch (tag)
                {
                    case PieceField:
                        model.Pieces.Add(ReadPiece(path, model.Pieces.Count, input.ReadBytes().ToByteArray()));
                        return true;
                    case (2 << 3) | Bytes:
                        ReadFields(input.ReadBytes().ToByteArray(), (trainer, field) => ReadTrainer(model, trainer, field));
                        return true;
                    case (3 << 3) | Bytes:
                        ReadFields(input.ReadBytes().ToByteArray(), (normalizer, field) => ReadNormalizer(model, normalizer, field));
                        return true;
                    default:
                        return false;
                }
            });
        }
        catch (InvalidProtocolBufferException e)
        {
            throw BadFile.Unreadable(path, e);
        }

        return model;
    }

    /// <summary>Walks the fields of a message; those that <paramref name="read"/> does not take are skipped.</summary>
    private static void ReadFields(byte[] message, Func<CodedInputStream, uint, bool> read)
    {
        using var input = new CodedInputStream(message);
        for (uint tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            if (!read(input, tag)) input.SkipLastField();
        }
    }

    private static SentencePieceModel.Piece ReadPiece(string path, int id, byte[] message)
    {
        byte[] text = [];
        float score = 0;
        int type = (int)SentencePieceModel.PieceType.Normal;
        ReadFields(message, (input, tag) =>
        {
            switch (tag)
            {
                case (1 << 3) | Bytes:
                    text = input.ReadBytes().ToByteArray();
                    return true;
                case (2 << 3) | Fixed32:
                    score = input.ReadFloat();
                    return true;
                case (3 << 3) | Varint:
                    type = input.ReadEnum();
                    return true;
                default:
                    return false;
            }
        });

        if (text.Length is 0 or > TokenizerDefinition.MaxTokenLength) throw BadFile.Damaged(path, $"piece {id} has {text.Length} bytes, not 1 to {TokenizerDefinition.MaxTokenLength}");
        if (!(Math.Abs(score) <= MaxScore)) throw BadFile.Damaged(path, $"piece {id} has the score {score}");
        if (!Enum.IsDefined((SentencePieceModel.PieceType)type)) throw BadFile.Damaged(path, $"piece {id} has the unknown type {type}");
        try
        {
            return new SentencePieceModel.Piece(Utf8.GetString(text), score, (SentencePieceModel.PieceType)type);
        }
        catch (DecoderFallbackException)
        {
            throw BadFile.Damaged(path, $"piece {id} is not UTF-8");
        }
    }

    private static bool ReadTrainer(SentencePieceModel model, CodedInputStream input, uint tag)
    {
        switch (tag)
        {
            case (3 << 3) | Varint:
                model.ModelType = input.ReadEnum();
                return true;
            case (24 << 3) | Varint:
                model.WhitespaceAsSuffix = input.ReadBool();
                return true;
            case (35 << 3) | Varint:
                model.ByteFallback = input.ReadBool();
                return true;
            case (41 << 3) | Varint:
                model.BeginningId = input.ReadInt32();
                return true;
            default:
                return false;
        }
    }

    private static bool ReadNormalizer(SentencePieceModel model, CodedInputStream input, uint tag)
    {
        switch (tag)
        {
            case (1 << 3) | Bytes:
                model.NormalizerName = input.ReadString();
                return true;
            case (2 << 3) | Bytes:
                model.HasCharacterMap = input.ReadBytes().Length > 0;
                return true;
            case (3 << 3) | Varint:
                model.AddDummyPrefix = input.ReadBool();
                return true;
            case (4 << 3) | Varint:
                model.RemoveExtraWhitespaces = input.ReadBool();
                return true;
            case (5 << 3) | Varint:
                model.EscapeWhitespaces = input.ReadBool();
                return true;
            default:
                return false;
        }
    }
}
