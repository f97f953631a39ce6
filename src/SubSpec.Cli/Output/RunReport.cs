using SubSpec.Cli.Commands;
using SubSpec.Cli.Options;
using SubSpec.Core.Generation;
using SubSpec.Server;

namespace SubSpec.Cli.Output;

/// <summary>Everything that is said about one finished answer, by summary and JSON alike.</summary>
/// <param name="FirstTokenSeconds">From the start of the process; null where the model was there before.</param>
internal sealed record RunReport(Measurement Measurement, Decoding Decoding, HostInfo Host, double? FirstTokenSeconds, long PeakFastTierBytes, long PeakRssBytes)
{
    public GenerationResult Result => Measurement.Results[0];

    public Performance Performance { get; } = Performance.Of([Measurement], Host.LinkBandwidth);
}
