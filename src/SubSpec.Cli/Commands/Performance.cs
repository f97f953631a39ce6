using System.Collections.Immutable;
using SubSpec.Core.Engine;
using SubSpec.Core.Generation;

namespace SubSpec.Cli.Commands;

/// <summary>What measurements come to. Shares and rates are of decoding; prompts are not in them.</summary>
/// <param name="DecodeSeconds">Of all measurements together: see <see cref="Measurement.Decode"/>.</param>
/// <param name="Rounds">Of whole answers.</param>
/// <param name="Histogram">[k] = rounds that accepted k draft tokens.</param>
/// <param name="LinkBandwidth">Bytes per second while the link was busy, or the bandwidth it was slowed down to; 0 when nothing was read.</param>
internal sealed record Performance(
    int Tokens, double DecodeSeconds, int Rounds, ImmutableArray<int> Histogram, EngineTotals Decode, EngineTotals Whole, double LinkBandwidth)
{
    /// <summary>In <see cref="DecodeSeconds"/>. The first token of an answer belongs to its prompt.</summary>
    public int DecodedTokens { get; private init; }

    public double TokensPerSecond => Ratio(DecodedTokens, DecodeSeconds);

    public int Accepted => Histogram.Select((rounds, k) => rounds * k).Sum();

    /// <summary>Mean accepted draft tokens a round, the bonus token not counted.</summary>
    public double Tau => Ratio(Accepted, Rounds);

    public double OverlapRatio => Ratio(Decode.OverlapSeconds, Decode.DraftSeconds);

    public double LinkUtilization => Ratio(Decode.LinkBusySeconds, DecodeSeconds);

    /// <summary>Payload streamed for a decoded token.</summary>
    public double BytesPerToken => Ratio(Decode.BytesStreamed, DecodedTokens);

    /// <summary>Seconds that a round's payload takes over the link.</summary>
    public double StreamSecondsPerRound => Ratio(Ratio(Decode.BytesStreamed, Decode.Rounds), LinkBandwidth);

    /// <summary>Tokens a second that link and compute allow at this tau: (tau + 1) / max(stream, verify + draft).</summary>
    public double Limit => Ratio(Tau + 1, Math.Max(StreamSecondsPerRound, Ratio(Decode.VerifySeconds + Decode.DraftSeconds, Decode.Rounds)));

    public double LimitShare => Ratio(TokensPerSecond, Limit);

    /// <summary>Tokens a second that plain offloading cannot exceed: one stream of the offloaded layers a token. 0 when nothing is offloaded.</summary>
    public double PlainLimit(long offloadedBytes) => Ratio(LinkBandwidth, offloadedBytes);

    /// <summary>Share of the target's tokens that the draft's own first choice was, wherever both chose; null where nothing was drafted.</summary>
    public double? Agreement => Decode.DraftChoices > 0 ? Ratio(Decode.DraftAgreed, Decode.DraftChoices) : null;

    /// <param name="throttle">Bytes per second to which the link is slowed down, or null.</param>
    public static Performance Of(IReadOnlyCollection<Measurement> measurements, double? throttle)
    {
        GenerationResult[] results = [.. measurements.SelectMany(m => m.Results)];
        EngineTotals whole = measurements.Select(m => m.Whole).Aggregate(EngineTotals.Zero, Add);
        int longest = results.Select(r => r.AcceptanceHistogram.Length).DefaultIfEmpty().Max();
        return new Performance(
            results.Sum(r => r.TokenIds.Length),
            measurements.Sum(m => m.DecodeSeconds),
            results.Sum(r => r.Rounds),
            [.. Enumerable.Range(0, longest).Select(k => results.Sum(r => r.AcceptanceHistogram.ElementAtOrDefault(k)))],
            measurements.Select(m => m.Decode).Aggregate(EngineTotals.Zero, Add),
            whole,
            throttle ?? Ratio(whole.BytesRead, whole.LinkBusySeconds))
        {
            DecodedTokens = measurements.Sum(m => m.DecodedTokens),
        };
    }

    private static EngineTotals Add(EngineTotals a, EngineTotals b) => a.Since(EngineTotals.Zero.Since(b));

    private static double Ratio(double part, double whole) => whole > 0 ? part / whole : 0;
}
