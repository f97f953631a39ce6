using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using SubSpec.Core.Trees;
using SubSpec.Server;

namespace SubSpec.Cli.Bench;

/// <summary>What <c>bench --json FILE</c> writes, and <c>--report FILE</c> shows. Sizes are bytes.</summary>
/// <param name="StreamedBytes">Payload that a pass streams.</param>
/// <param name="DraftReadBytes">Weights that a draft step reads.</param>
internal sealed record BenchObject(
    string Model,
    string? Label,
    string Device,
    int Threads,
    double? LinkBandwidth,
    long BudgetBytes,
    long PeakFastTierBytes,
    int LayersOffloaded,
    int LayersResident,
    long StreamedBytes,
    long DraftReadBytes,
    int RingSlots,
    int? SubstituteBits,
    int Prompts,
    int Repeat,
    int MaxTokens,
    int AutoregressiveTokens,
    double Temperature,
    ulong Seed,
    bool Deterministic,
    bool DirectIo,
    bool? Identical,
    int TokensCompared,
    string? Difference,
    ImmutableArray<BenchRowObject> Rows);

/// <summary>A row of <see cref="BenchObject"/>. Shares are of decoding time; passes, rows and steps are those of decoding.</summary>
/// <param name="TokensPerSecond">Median of the measurements; all of them together are decoded_tokens in decode_seconds.</param>
internal sealed record BenchRowObject(
    string Method,
    string Schedule,
    int Sessions,
    int DraftDepth,
    int DraftWidth,
    double DraftFloor,
    int Samples,
    double TokensPerSecond,
    double TokensPerSecondMin,
    double TokensPerSecondMax,
    double? SpeedUp,
    double Tau,
    int Rounds,
    ImmutableArray<int> AcceptanceHistogram,
    double? Agreement,
    double BytesStreamedPerToken,
    double StallShare,
    double DraftShare,
    double VerifyShare,
    double StreamShare,
    double OverlapRatio,
    long AheadHits,
    long AheadMisses,
    long AheadWastedNodes,
    double LimitShare,
    int DecodedTokens,
    double DecodeSeconds,
    long Passes,
    long VerifiedRows,
    long DraftSteps,
    long DraftedRows,
    ImmutableArray<BenchAnswerObject> Answers);

/// <summary>The first answer to a prompt, as <c>simulate --acceptance</c> can decode it again.</summary>
internal sealed record BenchAnswerObject(int PromptTokens, int Tokens, ImmutableArray<BenchWalkObject> Rounds);

/// <summary>An acceptance walk.</summary>
/// <param name="Ranks">Of the accepted choices, among their siblings.</param>
/// <param name="Margins">Gaps of the draft's two best values there, and one more where the walk ended, if anything was drafted there.</param>
/// <param name="EndHeld">Choices that were drafted where the walk ended.</param>
/// <param name="EndFirst">Whether the draft's own choice there was right, drafted or not; null where it had not looked.</param>
internal sealed record BenchWalkObject(ImmutableArray<int> Ranks, ImmutableArray<double> Margins, int EndHeld, bool? EndFirst);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(BenchObject))]
internal sealed partial class BenchJson : JsonSerializerContext
{
    public static string Write(BenchReport report) => JsonSerializer.Serialize(Of(report), Default.BenchObject);

    public static BenchObject Of(BenchReport report)
    {
        HostInfo host = report.Host;
        return new BenchObject(
            host.Model,
            host.Label,
            host.Device,
            host.Threads,
            host.LinkBandwidth,
            host.Plan.BudgetBytes,
            report.PeakFastTierBytes,
            host.Plan.Offloaded,
            host.Plan.Resident,
            host.Plan.StreamedBytes,
            host.Plan.DraftReadBytes,
            host.Plan.RingSlots,
            host.Substitutes?.Bits,
            report.Plan.Requests.Length,
            report.Plan.Repeat,
            report.Plan.Requests[0].MaxTokens,
            report.Plan.AutoregressiveTokens,
            report.Plan.Requests[0].Sampling.Temperature,
            report.Plan.Seed,
            host.Deterministic,
            host.DirectIo,
            report.Identity.Identical,
            report.Identity.TokensCompared,
            report.Identity.Difference,
            [.. report.Rows.Select(Row)]);
    }

    private static BenchRowObject Row(BenchRow row)
    {
        DraftShape shape = row.Case.Decoding.Shape;
        return new BenchRowObject(
            row.Case.Decoding.Method,
            row.Case.Decoding.Schedule,
            row.Case.Sessions,
            shape.Depth,
            shape.Width,
            shape.Floor,
            row.Samples,
            row.Median,
            row.Least,
            row.Most,
            row.SpeedUp,
            row.Performance.Tau,
            row.Performance.Rounds,
            row.Performance.Histogram,
            row.Performance.Agreement,
            row.Performance.BytesPerToken,
            row.StallShare,
            row.DraftShare,
            row.VerifyShare,
            row.StreamShare,
            row.Performance.OverlapRatio,
            row.Performance.Decode.AheadHits,
            row.Performance.Decode.AheadMisses,
            row.Performance.Decode.AheadWastedNodes,
            row.Performance.LimitShare,
            row.Performance.DecodedTokens,
            row.Performance.DecodeSeconds,
            row.Performance.Decode.Passes,
            row.Performance.Decode.VerifiedRows,
            row.Performance.Decode.DraftSteps,
            row.Performance.Decode.DraftedRows,
            [.. row.Answers.Select(a => new BenchAnswerObject(a.PromptTokens, a.TokenIds.Length, [.. a.Walks.Select(Walk)]))]);
    }

    private static BenchWalkObject Walk(RoundWalk walk)
    {
        IEnumerable<float> margins = [.. walk.Accepted.Select(a => a.Margin), .. walk.End.Margin is { } end ? [end] : Array.Empty<float>()];
        return new BenchWalkObject([.. walk.Accepted.Select(a => a.Rank)], [.. margins.Select(m => Math.Round((double)m, 3))], walk.End.Held, walk.End.FirstWasRight);
    }
}
