using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using SubSpec.Cli.Options;
using SubSpec.Core.Planning;
using SubSpec.Core.Simulation;

namespace SubSpec.Cli.Simulate;

/// <summary>What <c>simulate --json</c> prints. Sizes are bytes.</summary>
internal sealed record SimulateObject(
    string Model,
    string Hardware,
    long BudgetBytes,
    int LayersOffloaded,
    int LayersResident,
    int RingSlots,
    double FirstChoice,
    int Answers,
    int PromptTokens,
    int MaxTokens,
    ulong Seed,
    ImmutableArray<SimulateRowObject> Rows);

/// <summary>A row of <see cref="SimulateObject"/>; names are those of a benchmark's rows. Shares are of decoding time.</summary>
internal sealed record SimulateRowObject(
    string Schedule,
    int Sessions,
    int DraftDepth,
    int DraftWidth,
    double LinkBandwidth,
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
    long DecodedTokens,
    double DecodeSeconds,
    long Passes,
    long VerifiedRows,
    long DraftSteps);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(SimulateObject))]
internal sealed partial class SimulateJson : JsonSerializerContext
{
    public static string Write(string model, SimulateSettings settings, MemoryPlan plan, ImmutableArray<SimulationRow> rows) => JsonSerializer.Serialize(
        new SimulateObject(
            model,
            settings.Hardware.Name,
            plan.BudgetBytes,
            plan.Offloaded,
            plan.Resident,
            plan.RingSlots,
            settings.Acceptance.FirstChoice,
            settings.Answers,
            settings.PromptTokens,
            settings.MaxTokens,
            settings.Seed,
            [.. rows.Select(Row)]),
        Default.SimulateObject);

    private static SimulateRowObject Row(SimulationRow row)
    {
        SimulationResult result = row.Result;
        return new SimulateRowObject(
            row.Schedule,
            row.Sessions,
            row.Shape.Depth,
            row.Shape.Width,
            row.LinkBandwidth,
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
            result.DecodedTokens,
            result.DecodeSeconds,
            result.Passes,
            result.VerifiedRows,
            result.DraftSteps);
    }
}
