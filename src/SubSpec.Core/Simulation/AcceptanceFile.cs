using System.Collections.Immutable;
using System.Text.Json;

namespace SubSpec.Core.Simulation;

/// <summary>
/// Reads what is known about acceptance from a file: the result of <c>bench --json</c>, of <c>run --json</c>, or an object with
/// <c>first_choice</c>, or with <c>acceptance_histogram</c>, <c>draft_depth</c> and <c>draft_width</c>.
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
        if (root.TryGetProperty("stats", out JsonElement stats) && stats.ValueKind == JsonValueKind.Object) root = stats;
        JsonElement[] rows = root.TryGetProperty("rows", out JsonElement array) && array.ValueKind == JsonValueKind.Array ? [.. array.EnumerateArray()] : [root];
        MeasuredAcceptance[] measured = [.. rows.Select(row => Measured(row, where)).OfType<MeasuredAcceptance>()];
        (double Agreement, double Weight)[] agreements = [.. rows.Select(Agreement).OfType<(double, double)>()];
        double? first = agreements.Length > 0
            ? agreements.Sum(a => a.Agreement * a.Weight) / agreements.Sum(a => a.Weight)
            : measured.Length > 0 ? measured.Average(m => m.FirstChoice) : null;
        return first is > 0 and <= 1
            ? new AcceptanceModel(first.Value, [.. measured.Where(m => m.Depth > 0)])
            : throw new BadInputException($"{where} says nothing about acceptance: give a result of bench --json, or an object with first_choice above 0 and at most 1");
    }

    private static (double, double)? Agreement(JsonElement row)
    {
        if (Number(row, "first_choice") is { } told) return (told, 1);
        return Number(row, "agreement") is { } agreement && Number(row, "rounds") is { } rounds and > 0 ? (agreement, rounds) : null;
    }

    private static MeasuredAcceptance? Measured(JsonElement row, string where)
    {
        if (row.ValueKind != JsonValueKind.Object || !row.TryGetProperty("acceptance_histogram", out JsonElement array) || array.ValueKind != JsonValueKind.Array) return null;
        var histogram = ImmutableArray.CreateBuilder<int>();
        foreach (JsonElement rounds in array.EnumerateArray())
        {
            if (rounds.ValueKind != JsonValueKind.Number || !rounds.TryGetInt32(out int count) || count < 0)
                throw new BadInputException($"{where}: acceptance_histogram holds {rounds.GetRawText()}: give whole numbers of rounds");
            histogram.Add(count);
        }
        if (histogram.Sum(c => (long)c) == 0 || histogram.Count < 2) return null;
        // A run does not say what it drafted: its longest round then stands for the depth, and no tree is the very same.
        return new MeasuredAcceptance((int)(Number(row, "draft_depth") ?? histogram.Count - 1), (int)(Number(row, "draft_width") ?? 0), histogram.ToImmutable());
    }

    private static double? Number(JsonElement row, string key) =>
        row.ValueKind == JsonValueKind.Object && row.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
}
