using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace SubSpec.Server.Page;

/// <summary>Work of one stage without a visible break: several layers of a pass, or several steps of a draft.</summary>
/// <param name="Start">Milliseconds of the service's clock.</param>
/// <param name="Ms">Its length in milliseconds.</param>
/// <param name="Pass">Null where there is none.</param>
/// <param name="Layers">The first layer and the last; null where none is meant.</param>
/// <param name="Rows">Most rows that were computed at once; of a commit, its tokens.</param>
/// <param name="Count">Events that were joined.</param>
/// <param name="Sequences">Whose rows; none where weights serve everybody.</param>
/// <param name="Bytes">Payload that the link has brought.</param>
internal sealed record LiveSpan(
    string Stage, double Start, double Ms, long? Pass, ImmutableArray<int>? Layers, int Rows, int Count, ImmutableArray<long> Sequences, long Bytes);

/// <summary>The spans since the last batch.</summary>
/// <param name="Now">The service's clock in milliseconds.</param>
/// <param name="Missed">Events that this watcher was too slow for.</param>
internal sealed record LiveSpans(double Now, long Missed, IReadOnlyList<LiveSpan> Spans);

[JsonSerializable(typeof(LiveSpans))]
[JsonSerializable(typeof(LiveState))]
[JsonSerializable(typeof(ScheduleChoice))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
internal sealed partial class LiveJson : JsonSerializerContext;
