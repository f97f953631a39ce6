using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using SubSpec.Cli.Commands;
using SubSpec.Core.Generation;
using SubSpec.Server;

namespace SubSpec.Cli.Output;

/// <summary>What <c>run --json</c> prints. Names are what scripts rely on.</summary>
internal sealed record RunObject(
    string Text,
    ImmutableArray<int> TokenIds,
    int PromptTokens,
    int CompletionTokens,
    string FinishReason,
    string Method,
    string Schedule,
    ulong Seed,
    RunStats Stats);

/// <summary>Seconds and bytes are of the whole answer, prompt included; rates, shares and ratios are of its decoding. The first token is counted from the start of the process.</summary>
internal sealed record RunStats(
    double TokensPerSecond,
    double DecodeSeconds,
    double PrefillSeconds,
    double LoadSeconds,
    LoadTimes Loading,
    double? FirstTokenSeconds,
    int Rounds,
    double Tau,
    double? Agreement,
    ImmutableArray<int> AcceptanceHistogram,
    long BytesStreamed,
    long BytesRead,
    int LayersOffloaded,
    int LayersResident,
    double StreamSeconds,
    double VerifySeconds,
    double DraftSeconds,
    double StallSeconds,
    double OverlapRatio,
    long AheadHits,
    long AheadMisses,
    long AheadWastedNodes,
    double LinkUtilization,
    double LimitShare,
    long BudgetBytes,
    long PeakFastTierBytes,
    long PeakRssBytes,
    bool DirectIo,
    bool Deterministic);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(RunObject))]
internal sealed partial class RunJson : JsonSerializerContext
{
    private static RunJson Readable => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>The object on one line.</summary>
    public static string Write(RunReport report)
    {
        GenerationResult result = report.Result;
        var all = new RunObject(
            result.Text,
            result.TokenIds,
            result.PromptTokens,
            result.TokenIds.Length,
            Names.Of(result.FinishReason),
            report.Decoding.Method,
            report.Decoding.Schedule,
            result.Seed,
            Stats(report));
        return JsonSerializer.Serialize(all, Readable.RunObject);
    }

    private static RunStats Stats(RunReport report)
    {
        Performance performance = report.Performance;
        return new RunStats(
            performance.TokensPerSecond,
            performance.DecodeSeconds,
            report.Result.Times.PrefillSeconds,
            report.Host.Loading.TotalSeconds,
            report.Host.Loading,
            report.FirstTokenSeconds,
            performance.Rounds,
            performance.Tau,
            performance.Agreement,
            performance.Histogram,
            performance.Whole.BytesStreamed,
            performance.Whole.BytesRead,
            report.Host.Plan.Offloaded,
            report.Host.Plan.Resident,
            performance.Whole.LinkBusySeconds,
            performance.Whole.VerifySeconds,
            performance.Whole.DraftSeconds,
            performance.Whole.StallSeconds,
            performance.OverlapRatio,
            performance.Whole.AheadHits,
            performance.Whole.AheadMisses,
            performance.Whole.AheadWastedNodes,
            performance.LinkUtilization,
            performance.LimitShare,
            report.Host.Plan.BudgetBytes,
            report.PeakFastTierBytes,
            report.PeakRssBytes,
            report.Host.DirectIo,
            report.Host.Deterministic);
    }
}
