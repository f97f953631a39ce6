namespace SubSpec.Core.Generation;

/// <summary>Where the seconds of a generation went.</summary>
/// <param name="QueueSeconds">From the request's arrival at the scheduler to its KV slots.</param>
/// <param name="PrefillSeconds">From there to the first token.</param>
/// <param name="DecodeSeconds">From the first token to the last; 0 for one token.</param>
public sealed record GenerationTimes(double QueueSeconds, double PrefillSeconds, double DecodeSeconds)
{
    public static GenerationTimes Zero { get; } = new(0, 0, 0);
}
