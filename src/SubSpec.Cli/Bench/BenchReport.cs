using System.Collections.Immutable;
using SubSpec.Server;

namespace SubSpec.Cli.Bench;

/// <summary>Everything that is said about a finished benchmark.</summary>
internal sealed record BenchReport(BenchPlan Plan, HostInfo Host, ImmutableArray<BenchSample> Samples, ImmutableArray<BenchRow> Rows, Identity Identity, long PeakFastTierBytes);
