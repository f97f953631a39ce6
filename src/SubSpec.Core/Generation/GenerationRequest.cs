using System.Collections.Immutable;
using SubSpec.Core.Sampling;

namespace SubSpec.Core.Generation;

/// <summary>One generation: what to go on from, how to choose tokens, when to stop.</summary>
public sealed record GenerationRequest
{
    /// <summary>Most stop strings of a request.</summary>
    public const int MaxStops = 16;

    /// <summary>Requests of one session run one after the other. Null for a request that belongs to none: copies of it can run at once.</summary>
    public SessionId? Session { get; init; }

    /// <summary>Whose session and whose KV this is, for example a client's API key: nothing is found or shared across scopes.</summary>
    public string Scope { get; init; } = "";

    public required Prompt Prompt { get; init; }

    /// <summary>Options with the seed in force; a caller who wants other noise each time draws the seed.</summary>
    public SamplingOptions Sampling { get; init; } = SamplingOptions.Greedy;

    /// <summary>Most tokens to choose; the context may end the output sooner.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>Log-probabilities to report of each chosen token: this many of the best beside its own, up to <see cref="LogProbs.MaxTop"/>; null for none.</summary>
    public int? TopLogProbs { get; init; }

    /// <summary>Texts that end the output; they are not part of it.</summary>
    public ImmutableArray<string> Stop { get; init; } = [];

    /// <summary>Throws <see cref="BadInputException"/> naming what cannot be used.</summary>
    public void Validate()
    {
        if (Session is { Value: null or "" }) throw new BadInputException("the session id is empty: give one, or leave it out");
        if (Scope is null) throw new BadInputException("the scope is missing: give one, or leave it out");
        if (MaxTokens < 1) throw new BadInputException($"max tokens {MaxTokens} is out of range: give 1 or more");
        if (TopLogProbs is < 0 or > LogProbs.MaxTop) throw new BadInputException($"top log-probabilities {TopLogProbs} is out of range: give 0 to {LogProbs.MaxTop}");
        if (Stop.IsDefault || Stop.Length > MaxStops) throw new BadInputException($"too many stop strings: give at most {MaxStops}");
        if (Stop.Any(string.IsNullOrEmpty)) throw new BadInputException("a stop string is empty: give at least one character, or leave it out");
        bool empty = Prompt switch
        {
            Prompt.Text text => string.IsNullOrEmpty(text.Value),
            Prompt.Chat chat => chat.Messages.IsDefaultOrEmpty,
            Prompt.Tokens tokens => tokens.Ids.IsDefaultOrEmpty,
            _ => true,
        };
        if (empty) throw new BadInputException("the prompt is empty: give some text, messages or token ids");
        Sampling.Validate();
    }
}
