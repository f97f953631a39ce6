using System.Collections.Immutable;
using SubSpec.Core.Engine;

namespace SubSpec.Core.Simulation;

/// <summary>What a simulation comes to. Everything is of decoding, while all places are taken (<see cref="Generation.ClosedLoop"/>).</summary>
/// <param name="DecodedTokens">The first token of an answer belongs to its prompt.</param>
/// <param name="DecodeSeconds">Seconds of all groups together.</param>
/// <param name="Histogram">[k] = rounds that accepted k draft tokens.</param>
/// <param name="Passes">Passes that ended.</param>
/// <param name="DraftSteps">Steps of the draft model.</param>
/// <param name="DraftedRows">Rows of these steps.</param>
/// <param name="VerifiedRows">Rows of the passes.</param>
/// <param name="BytesStreamed">Payload that passes consumed.</param>
/// <param name="LinkBusySeconds">Time in which a layer was on its way.</param>
/// <param name="StallSeconds">Time in which a pass waited for a layer and nothing else was computed.</param>
/// <param name="OverlapSeconds">Draft time in which the link was busy.</param>
/// <param name="Ahead">What drafting ahead was good for.</param>
/// <param name="LinkBandwidth">Bytes a second.</param>
/// <param name="SharesCompute">Whether draft and verify take turns.</param>
public sealed record SimulationResult(
    long DecodedTokens,
    double DecodeSeconds,
    ImmutableArray<int> Histogram,
    long Passes,
    long DraftSteps,
    long DraftedRows,
    long VerifiedRows,
    double BytesStreamed,
    double LinkBusySeconds,
    double VerifySeconds,
    double DraftSeconds,
    double StallSeconds,
    double OverlapSeconds,
    AheadFigures Ahead,
    double LinkBandwidth,
    bool SharesCompute)
{
    public double TokensPerSecond => Ratio(DecodedTokens, DecodeSeconds);

    public long Rounds => Histogram.Sum(rounds => (long)rounds);

    /// <summary>Mean accepted draft tokens a round, the bonus token not counted.</summary>
    public double Tau => Ratio(Histogram.Select((rounds, k) => (double)rounds * k).Sum(), Rounds);

    public double LinkUtilization => Ratio(LinkBusySeconds, DecodeSeconds);

    public double VerifyShare => Ratio(VerifySeconds, DecodeSeconds);

    public double DraftShare => Ratio(DraftSeconds, DecodeSeconds);

    public double StallShare => Ratio(StallSeconds, DecodeSeconds);

    public double OverlapRatio => Ratio(OverlapSeconds, DraftSeconds);

    /// <summary>Tokens a second that link and compute allow at this tau: (tau + 1) / max(stream, verify + draft), or / max(stream, verify, draft) where draft and verify do not share.</summary>
    public double Limit => Ratio((Tau + 1) * Rounds, Math.Max(StreamSeconds, ComputeSeconds));

    /// <summary>Whether it is the link that sets the limit; else it is compute.</summary>
    public bool IsLinkBound => StreamSeconds >= ComputeSeconds;

    public double LimitShare => Ratio(TokensPerSecond, Limit);

    private double StreamSeconds => Ratio(BytesStreamed, LinkBandwidth);

    private double ComputeSeconds => SharesCompute ? VerifySeconds + DraftSeconds : Math.Max(VerifySeconds, DraftSeconds);

    private static double Ratio(double part, double whole) => whole > 0 ? part / whole : 0;
}
