using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using SubSpec.Cli.Options;
using SubSpec.Core.Planning;
using SubSpec.Core.Simulation;

namespace SubSpec.Cli.Simulate;

/// <summary>What <c>simulate --json</c> prints. Sizes are bytes.</summary>
/// <param name="Recorded">Whether the texts are those of a benchmark; else they are made up.</param>
/// <param name="PromptTokens">Mean of the answers.</param>
/// <param name="MaxTokens">Tokens that were asked for.</param>
/// <param name="Fastest">The fastest row of each link and number of sessions.</param>
internal sealed record SimulateObject(
    string Model,
    string Hardware,
    long BudgetBytes,
    int RingSlots,
    double FirstChoice,
    bool Recorded,
    int Answers,
    double PromptTokens,
    int MaxTokens,
    ulong Seed,
    ImmutableArray<SimulateRowObject> Rows,
    ImmutableArray<SimulateWinnerObject> Fastest);

/// <param name="Lead">How much faster it is than the fastest row of any other schedule: 0.1 is 10 %; null without another schedule.</param>
internal sealed record SimulateWinnerObject(double LinkBandwidth, int Sessions, string Schedule, int DraftDepth, int DraftWidth, double TokensPerSecond, string? Next, double? Lead);

/// <summary>A row of <see cref="SimulateObject"/>; names are those of a benchmark's rows. Shares are of decoding time.</summary>
internal sealed record SimulateRowObject(
    string Schedule,
    int Sessions,
    int DraftDepth,
    int DraftWidth,
    double LinkBandwidth,
    int LayersOffloaded,
    int LayersResident,
    double TokensPerSecond,
    double SpeedUp,
    double Tau,
    long Rounds,
    ImmutableArray<int> AcceptanceHistogram,
    double StallShare,
    double DraftShare,
    double VerifyShare,
    double StreamShare,
    double OverlapRatio,
    double Limit,
    double LimitShare,
    string LimitedBy,
    long DecodedTokens,
    double DecodeSeconds,
    long Passes,
    long VerifiedRows,
    long DraftSteps,
    long DraftedRows,
    long AheadHits,
    long AheadMisses,
    long AheadWastedNodes);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(SimulateObject))]
internal sealed partial class SimulateJson : JsonSerializerContext
{
    public static string Write(string model, SimulateSettings settings, ImmutableArray<SimulationRow> rows)
    {
        ImmutableArray<SimulatedAnswer> answers = settings.ToGenerate();
        MemoryPlan plan = rows[0].Plan;
        var all = new SimulateObject(
            model,
            settings.Hardware.Name,
            plan.BudgetBytes,
            plan.RingSlots,
            settings.Acceptance.FirstChoice,
            settings.Acceptance.Recorded is not null,
            answers.Length,
            answers.Average(a => a.PromptTokens),
            answers.Max(a => a.MaxTokens),
            settings.Seed,
            [.. rows.Select(Row)],
            [.. SimulationWinner.Of(rows).Select(Winner)]);
        return JsonSerializer.Serialize(all, Default.SimulateObject);
    }

    private static SimulateWinnerObject Winner(SimulationWinner winner) => new(
        winner.Best.LinkBandwidth,
        winner.Best.Sessions,
        winner.Best.Schedule,
        winner.Best.Shape.Depth,
        winner.Best.Shape.Width,
        winner.Best.Result.TokensPerSecond,
        winner.Next?.Schedule,
        winner.Lead);

    private static SimulateRowObject Row(SimulationRow row)
    {
        SimulationResult result = row.Result;
        return new SimulateRowObject(
            row.Schedule,
            row.Sessions,
            row.Shape.Depth,
            row.Shape.Width,
            row.LinkBandwidth,
            row.Plan.Offloaded,
            row.Plan.Resident,
            result.TokensPerSecond,
            row.SpeedUp,
            result.Tau,
            result.Rounds,
            result.Histogram,
            result.StallShare,
            result.DraftShare,
            result.VerifyShare,
            result.LinkUtilization,
            result.OverlapRatio,
            result.Limit,
            result.LimitShare,
            result.IsLinkBound ? "link" : "compute",
            result.DecodedTokens,
            result.DecodeSeconds,
            result.Passes,
            result.VerifiedRows,
            result.DraftSteps,
            result.DraftedRows,
            result.Ahead.Hits,
            result.Ahead.Misses,
            result.Ahead.WastedNodes);
    }
}
