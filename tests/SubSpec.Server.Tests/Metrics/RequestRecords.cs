using System.Collections.Immutable;
using SubSpec.Core.Generation;
using SubSpec.Server.Http.Observing;

namespace SubSpec.Server.Tests.Metrics;

/// <summary>Made-up requests.</summary>
internal static class RequestRecords
{
    public static DateTimeOffset Noon { get; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Queued at 100 s of the engine's clock for 1 s, prefilled in 2 s, decoded in 4 s.</summary>
    public static GenerationResult Answer(FinishReason reason = FinishReason.Stop, double arrived = 100) =>
        new([1, 2, 3, 4, 5], "text", reason, 7, 2, [0, 0, 2], 21, new GenerationTimes(arrived, 1, 2, 4)) { CachedTokens = 3, Gaps = [1.5, 2.5] };

    public static RequestRecord Of(params GenerationResult[] results) =>
        new("req_1", "chat.completions", "demo", true, 200, null, Noon, 7.5, 3.25, 7, 3, [.. results]);

    public static RequestRecord Failed { get; } =
        new("req_2", "completions", "demo", false, 429, "queue_full", Noon, 0.5, null, 0, 0, ImmutableArray<GenerationResult>.Empty);
}
