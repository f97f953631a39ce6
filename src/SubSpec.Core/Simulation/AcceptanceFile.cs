using System.Collections.Immutable;
using System.Text.Json;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Simulation;

/// <summary>
/// Reads what is known about acceptance from a file: the result of <c>bench --json</c>, whose answers are taken over, of <c>run --json</c>,
/// or an object with <c>first_choice</c>, or with <c>acceptance_histogram</c> and <c>draft_depth</c>.
/// </summary>
public static class AcceptanceFile
{
    /// <param name="json">The text of the file.</param>
    /// <param name="where">What messages call it.</param>
    /// <exception cref="BadInputException">It is none of these.</exception>
    public static AcceptanceModel Parse(string json, string where)
    {
        using JsonDocument document = HardwareFile.Open(json, where);
        JsonElement root = document.RootElement;
        double? maxTokens = Number(root, "max_tokens");
        if (root.TryGetProperty("stats", out JsonElement stats) && stats.ValueKind == JsonValueKind.Object) root = stats;
        JsonElement[] rows = root.TryGetProperty("rows", out JsonElement array) && array.ValueKind == JsonValueKind.Array ? [.. array.EnumerateArray()] : [root];
        (double Agreement, double Weight)[] agreements = [.. rows.Select(Agreement).OfType<(double, double)>()];
        double[] counted = [.. rows.Select(row => FirstChoice(row, where)).OfType<double>()];
        double? first = agreements.Length > 0
            ? agreements.Sum(a => a.Agreement * a.Weight) / agreements.Sum(a => a.Weight)
            : counted.Length > 0 ? counted.Average() : null;
        return first is > 0 and <= 1
            ? new AcceptanceModel(first.Value, Recorded(rows, maxTokens, where))
            : throw new BadInputException($"{where} says nothing about acceptance: give a result of bench --json, or an object with first_choice above 0 and at most 1");
    }

    private static (double, double)? Agreement(JsonElement row)
    {
        if (Number(row, "first_choice") is { } told) return (told, 1);
        return Number(row, "agreement") is { } agreement && Number(row, "rounds") is { } rounds and > 0 ? (agreement, rounds) : null;
    }

    /// <summary>The probability of a first choice that a histogram speaks for: tokens accepted over choices seen. A round that accepted all it had drafted shows no miss.</summary>
    private static double? FirstChoice(JsonElement row, string where)
    {
        if (Array(row, "acceptance_histogram") is not { } array) return null;
        int[] histogram = [.. array.EnumerateArray().Select(rounds => Count(rounds, "acceptance_histogram", where))];
        // A run does not say what it drafted: its longest round then stands for the depth.
        int depth = (int)(Number(row, "draft_depth") ?? histogram.Length - 1);
        long accepted = histogram.Select((rounds, k) => (long)rounds * k).Sum(), missed = histogram.Take(depth).Sum(rounds => (long)rounds);
        return depth > 0 && accepted > 0 ? (double)accepted / (accepted + missed) : null;
    }

    /// <summary>The answers of the deepest trees, which end by themselves least often; of these, those that were generated one by one.</summary>
    private static RecordedAnswers? Recorded(JsonElement[] rows, double? maxTokens, string file)
    {
        RecordedAnswers[] all =
        [
            .. from row in rows
               where Number(row, "draft_depth") > 0 && Number(row, "draft_width") > 0 && Array(row, "answers") is { } answers && answers.GetArrayLength() > 0
               orderby Number(row, "draft_depth") descending, Number(row, "sessions") ?? 1
               let read = Answers(row.GetProperty("answers"), file)
               where !read.IsEmpty
               select new RecordedAnswers(
                   (int)Number(row, "draft_depth")!, (int)Number(row, "draft_width")!, (int)(maxTokens ?? read.Max(a => a.Tokens)), read),
        ];
        return all.FirstOrDefault();
    }

    private static ImmutableArray<RecordedAnswer> Answers(JsonElement answers, string file) =>
    [
        .. from answer in answers.EnumerateArray()
           let rounds = Array(answer, "rounds")
           where Number(answer, "prompt_tokens") >= 1 && Number(answer, "tokens") >= 2 && rounds is not null
           select new RecordedAnswer((int)Number(answer, "prompt_tokens")!, (int)Number(answer, "tokens")!, [.. rounds.Value.EnumerateArray().Select(round => Walk(round, file))]),
    ];

    private static RoundWalk Walk(JsonElement round, string where)
    {
        int[] ranks = Array(round, "ranks") is { } r ? [.. r.EnumerateArray().Select(rank => Count(rank, "ranks", where))] : [];
        float[] margins = Array(round, "margins") is { } m ? [.. m.EnumerateArray().Select(margin => Margin(margin, where))] : [];
        if (margins.Length - ranks.Length is not (0 or 1))
            throw new BadInputException($"{where}: a round has {ranks.Length} ranks and {margins.Length} margins: give as many, or one margin more");
        bool? first = round.TryGetProperty("end_first", out JsonElement flag) && flag.ValueKind is JsonValueKind.True or JsonValueKind.False ? flag.GetBoolean() : null;
        var end = new WalkEnd(margins.Length > ranks.Length ? margins[^1] : null, (int)(Number(round, "end_held") ?? 0), first);
        return new RoundWalk([.. ranks.Zip(margins, (rank, margin) => new AcceptedChoice(rank, margin))], end);
    }

    private static float Margin(JsonElement value, string where) =>
        value.ValueKind == JsonValueKind.Number && value.GetDouble() >= 0
            ? value.GetSingle()
            : throw new BadInputException($"{where}: margins holds {value.GetRawText()}: give numbers of at least 0");

    private static int Count(JsonElement value, string key, string where) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int count) && count >= 0
            ? count
            : throw new BadInputException($"{where}: {key} holds {value.GetRawText()}: give whole numbers of at least 0");

    private static JsonElement? Array(JsonElement row, string key) =>
        row.ValueKind == JsonValueKind.Object && row.TryGetProperty(key, out JsonElement array) && array.ValueKind == JsonValueKind.Array ? array : null;

    private static double? Number(JsonElement row, string key) =>
        row.ValueKind == JsonValueKind.Object && row.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
}
