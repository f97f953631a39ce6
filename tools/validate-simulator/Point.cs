using System.Text.Json;

namespace SubSpec.ValidateSimulator;

/// <summary>A way to decode, which both programs name alike.</summary>
/// <param name="Link">Bytes a second.</param>
internal sealed record Point(double Link, string Schedule, int Depth, int Sessions)
{
    public static Point Of(JsonElement row, double link) =>
        new(link, row.GetProperty("schedule").GetString()!, row.GetProperty("draft_depth").GetInt32(), row.GetProperty("sessions").GetInt32());
}

/// <summary>What a row of a result says about a point.</summary>
/// <param name="Speed">Tokens a second of all its answers together.</param>
internal sealed record Figures(double Speed, double Tau, double Stall, double Draft, double Verify)
{
    public static Figures Of(JsonElement row) => new(
        row.GetProperty("decoded_tokens").GetInt64() / row.GetProperty("decode_seconds").GetDouble(),
        row.GetProperty("tau").GetDouble(),
        row.GetProperty("stall_share").GetDouble(),
        row.GetProperty("draft_share").GetDouble(),
        row.GetProperty("verify_share").GetDouble());

    /// <summary>The measurement in the middle, by its speed.</summary>
    public static Figures Median(IReadOnlyList<Figures> all) => all.OrderBy(f => f.Speed).ElementAt((all.Count - 1) / 2);
}
