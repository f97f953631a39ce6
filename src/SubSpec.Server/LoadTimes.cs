namespace SubSpec.Server;

/// <summary>Where the seconds of loading went, one part after the other.</summary>
/// <param name="OpeningSeconds">Headers and plan.</param>
/// <param name="WeightsSeconds">Reading what is resident.</param>
/// <param name="SubstitutesSeconds">Reading substitutes from the cache, or making them.</param>
/// <param name="EngineSeconds">What is left after that: tokenizer and actors start meanwhile; KV cache, ring and scratch are allocated, and on <c>cuda</c> layers are pinned and weights uploaded.</param>
/// <param name="ProbeSeconds">Proving that rows are computed alike in any batch.</param>
public sealed record LoadTimes(double OpeningSeconds, double WeightsSeconds, double SubstitutesSeconds, double EngineSeconds, double ProbeSeconds)
{
    public double TotalSeconds => OpeningSeconds + WeightsSeconds + SubstitutesSeconds + EngineSeconds + ProbeSeconds;
}
