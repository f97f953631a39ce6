using System.Collections.Immutable;
using SubSpec.Core.Sampling;

namespace SubSpec.Server.Http.Requests;

/// <summary>How to generate and to answer: what both APIs have in common.</summary>
internal sealed record GenerationSettings
{
    /// <summary>Null for the one there is.</summary>
    public required string? Model { get; init; }

    /// <summary>All but seed and choice.</summary>
    public required SamplingOptions Sampling { get; init; }

    /// <summary>Null for a random one.</summary>
    public required long? Seed { get; init; }

    /// <summary>Null for as many as fit.</summary>
    public required int? MaxTokens { get; init; }

    public required ImmutableArray<string> Stop { get; init; }

    /// <summary>Answers to each prompt.</summary>
    public required int Choices { get; init; }

    public required bool Stream { get; init; }

    /// <summary>Whether a stream ends with a chunk of usage.</summary>
    public required bool IncludeUsage { get; init; }

    /// <summary>What names the conversation where no header does; null for nothing.</summary>
    public required string? CacheKey { get; init; }
}
