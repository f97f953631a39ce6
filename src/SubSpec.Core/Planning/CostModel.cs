namespace SubSpec.Core.Planning;

/// <summary>The rates that a predicted round time is made of.</summary>
/// <param name="LinkBytesPerSecond">Slow to fast tier.</param>
/// <param name="FullBytesPerSecond">A draft step through full weights.</param>
/// <param name="SubstituteBytesPerSecond">A draft step through substitutes.</param>
/// <param name="VerifySecondsPerByte">Compute of a verify pass for each byte of weights, at the rows of a usual tree.</param>
/// <param name="DraftSteps">Draft steps of a usual round; 0 for plain decoding.</param>
public sealed record CostModel(
    double LinkBytesPerSecond,
    double FullBytesPerSecond,
    double SubstituteBytesPerSecond,
    double VerifySecondsPerByte,
    int DraftSteps)
{
    /// <summary>A desktop or laptop processor reading from an NVMe disk.</summary>
    public static CostModel Default { get; } = new(1e9, 15e9, 12e9, 4e-10, 32);

    /// <summary>A GPU behind PCIe 4, from data sheets: not measured here.</summary>
    public static CostModel Gpu { get; } = new(20e9, 800e9, 400e9, 1.3e-12, 32);

    /// <summary>Seconds of a round that drafts, and streams and verifies, one after the other.</summary>
    public double RoundSeconds(long streamedBytes, long allBytes, long draftFullBytes, long draftSubstituteBytes) =>
        DraftSteps * (draftFullBytes / FullBytesPerSecond + draftSubstituteBytes / SubstituteBytesPerSecond) +
        Math.Max(streamedBytes / LinkBytesPerSecond, allBytes * VerifySecondsPerByte);
}
