namespace SubSpec.Core.Sampling;

/// <summary>
/// The part of a row of logits that decides most choices: its highest logits, and those of the tokens that noise favours. What is known of all others
/// are two bounds, from which a <see cref="Sampler"/> sees whether any of them could be chosen.
/// </summary>
/// <param name="tokens">In any order, each once.</param>
/// <param name="logits">Raw, of these tokens.</param>
/// <param name="bound">No other token has a higher logit.</param>
/// <param name="noiseBound">All other tokens have less Gumbel noise at the row's position; infinite where that is unknown.</param>
public readonly ref struct LogitShortlist(ReadOnlySpan<int> tokens, ReadOnlySpan<float> logits, float bound, double noiseBound)
{
    public ReadOnlySpan<int> Tokens { get; } = tokens;

    public ReadOnlySpan<float> Logits { get; } = logits;

    public float Bound { get; } = bound;

    public double NoiseBound { get; } = noiseBound;
}
