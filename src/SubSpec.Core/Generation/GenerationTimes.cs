namespace SubSpec.Core.Generation;

/// <summary>Where the seconds of a generation went.</summary>
/// <param name="ArrivedSeconds">When the request reached the scheduler, on the service's clock: answers that ran together can be laid side by side.</param>
/// <param name="QueueSeconds">From the request's arrival at the scheduler to its KV slots.</param>
/// <param name="PrefillSeconds">From there to the first token.</param>
/// <param name="DecodeSeconds">From the first token to the last; 0 for one token.</param>
public sealed record GenerationTimes(double ArrivedSeconds, double QueueSeconds, double PrefillSeconds, double DecodeSeconds)
{
    public static GenerationTimes Zero { get; } = new(0, 0, 0, 0);

    /// <summary>When the first token was there, on the service's clock.</summary>
    public double FirstTokenSeconds => ArrivedSeconds + QueueSeconds + PrefillSeconds;

    /// <summary>When the last token was there, on the service's clock.</summary>
    public double LastTokenSeconds => FirstTokenSeconds + DecodeSeconds;
}
