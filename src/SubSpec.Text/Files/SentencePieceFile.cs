using System.Text;
using SubSpec.Core;
using SubSpec.Text.Splitting;
using SubSpec.Text.Vocabulary;

namespace SubSpec.Text.Files;

/// <summary>Makes a tokenizer of a SentencePiece <c>tokenizer.model</c>, BPE or unigram (Llama 2, Mistral, Gemma).</summary>
internal static class SentencePieceFile
{
    private const string Mark = "▁";

    /// <exception cref="BadInputException">The file is damaged, or uses something that is not supported.</exception>
    public static TokenizerDefinition Read(string path, byte[] content, TokenizerConfig config)
    {
        SentencePieceModel model = SentencePieceReader.Read(path, content);
        CheckSupported(path, model);
        Dictionary<string, int> vocabulary = Number(path, model);
        bool prefix = model.AddDummyPrefix && config.AddPrefixSpace != false;
        bool everyPart = prefix && config.Legacy != false;
        return new TokenizerDefinition(
            vocabulary,
            MakeEncoder(model, vocabulary),
            text => Normalize(text, model.RemoveExtraWhitespaces, everyPart),
            new Metaspace(Mark, prefix && !everyPart ? PrependScheme.First : PrependScheme.Never, split: false),
            TokenDecoding.Characters(token => token.Replace(Mark, " ", StringComparison.Ordinal), model.ByteFallback, leadingSpaces: prefix ? 1 : 0),
            AddedTokens(model, config),
            model.BeginningId >= 0 && model.BeginningId < model.Pieces.Count ? [model.BeginningId] : []);
    }

    private static void CheckSupported(string path, SentencePieceModel model)
    {
        if (model.ModelType is not (SentencePieceModel.UnigramType or SentencePieceModel.BpeType)) throw BadFile.Unsupported(path, $"model_type {model.ModelType} (words or characters)");
        if (model.HasCharacterMap) throw BadFile.Unsupported(path, $"the normalization '{model.NormalizerName}'");
        if (model.WhitespaceAsSuffix) throw BadFile.Unsupported(path, "treat_whitespace_as_suffix");
        if (!model.EscapeWhitespaces) throw BadFile.Unsupported(path, "a model without escape_whitespaces");
        if (model.Pieces.Any(p => p.Type == SentencePieceModel.PieceType.Unused)) throw BadFile.Unsupported(path, "a vocabulary with unused pieces");
    }

    private static Dictionary<string, int> Number(string path, SentencePieceModel model)
    {
        var vocabulary = new Dictionary<string, int>(model.Pieces.Count, StringComparer.Ordinal);
        for (int id = 0; id < model.Pieces.Count; id++)
        {
            if (!vocabulary.TryAdd(model.Pieces[id].Text, id)) throw BadFile.Damaged(path, $"piece {id} ('{model.Pieces[id].Text}') is there twice");
        }

        return vocabulary;
    }

    private static IPieceEncoder MakeEncoder(SentencePieceModel model, Dictionary<string, int> vocabulary)
    {
        int unknownId = model.Pieces.FindIndex(p => p.Type == SentencePieceModel.PieceType.Unknown);
        var unknown = new UnknownCharacters(model.ByteFallback ? UnknownCharacters.FindBytes(vocabulary) : null, unknownId < 0 ? null : unknownId, fuse: true);
        // Control tokens, bytes and the unknown token are never read from text.
        Dictionary<string, int> normal = OfType(model, SentencePieceModel.PieceType.Normal);
        Dictionary<string, int> userDefined = OfType(model, SentencePieceModel.PieceType.UserDefined);
        if (model.ModelType == SentencePieceModel.UnigramType) return new Unigram(Scores(model), unknown);

        float[] scores = [.. normal.Values.Select(id => model.Pieces[id].Score).Distinct().OrderDescending()];
        Dictionary<float, int> rankOfScore = scores.Select((score, rank) => (score, rank)).ToDictionary(s => s.score, s => s.rank);
        var merges = MergeTable.OfRanks(normal, id => rankOfScore[model.Pieces[id].Score]);
        return new CharacterBpe(normal, merges, unknown, wholes: null, new AddedTokenFinder(userDefined.Select(p => new AddedToken(p.Value, p.Key, Special: false))));
    }

    private static Dictionary<string, int> OfType(SentencePieceModel model, SentencePieceModel.PieceType type) =>
        model.Pieces.Select((piece, id) => (piece, id)).Where(p => p.piece.Type == type).ToDictionary(p => p.piece.Text, p => p.id, StringComparer.Ordinal);

    /// <summary>Scores of what can be read from text; a user-defined symbol gets one that hardly any way around it reaches, as in SentencePiece.</summary>
    private static Dictionary<string, (int Id, float Score)> Scores(SentencePieceModel model)
    {
        float best = model.Pieces.Where(p => p.Type == SentencePieceModel.PieceType.Normal).Select(p => p.Score).DefaultIfEmpty(0).Max();
        return model.Pieces
            .Select((piece, id) => (piece, id))
            .Where(p => p.piece.Type is SentencePieceModel.PieceType.Normal or SentencePieceModel.PieceType.UserDefined)
            .ToDictionary(
                p => p.piece.Text,
                p => (p.id, p.piece.Type == SentencePieceModel.PieceType.Normal ? p.piece.Score : (Encoding.UTF8.GetByteCount(p.piece.Text) * best) - 0.1f),
                StringComparer.Ordinal);
    }

    private static List<AddedToken> AddedTokens(SentencePieceModel model, TokenizerConfig config)
    {
        HashSet<int> known = [.. config.AddedTokens.Select(t => t.Id)];
        return
        [
            .. config.AddedTokens,
            .. model.Pieces
                .Select((piece, id) => (piece, id))
                .Where(p => p.piece.Type is SentencePieceModel.PieceType.Control or SentencePieceModel.PieceType.Unknown && !known.Contains(p.id))
                .Select(p => new AddedToken(p.id, p.piece.Text, Special: true)),
        ];
    }

    private static string Normalize(string text, bool removeExtra, bool prefix)
    {
        if (removeExtra) text = string.Join(' ', text.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return prefix && text.Length > 0 ? " " + text : text;
    }
}
