using System.Collections.Immutable;
using System.Text.Json.Serialization;
using SubSpec.Cli.Bench;

namespace SubSpec.Cli.Report;

/// <summary>What the page shows.</summary>
/// <param name="Bench">The same object that <c>--json</c> writes.</param>
/// <param name="Timelines">A cut of each case, all of the same length.</param>
internal sealed record PageObject(string Written, string Version, BenchObject Bench, double TimelineSeconds, ImmutableArray<PageTimelineObject> Timelines);

/// <summary>A few rounds of one case.</summary>
/// <param name="Row">Index of its row in <see cref="BenchObject.Rows"/>.</param>
internal sealed record PageTimelineObject(int Row, ImmutableArray<PageSpan> Spans);

/// <summary>An event of the timeline. Times are milliseconds from the beginning of the cut; what began before it is negative.</summary>
internal sealed record PageSpan(
    string Lane, string Stage, double Start, double Duration, long? Pass, long? Round, int? Layer, int Rows, ImmutableArray<long> Sessions, long Bytes);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PageObject))]
internal sealed partial class PageJson : JsonSerializerContext;
