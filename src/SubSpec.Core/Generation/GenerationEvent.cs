using System.Collections.Immutable;
using SubSpec.Core.Sampling;

namespace SubSpec.Core.Generation;

/// <summary>Something that a generation has to tell its reader. The last one of a generation that ran is <see cref="Completed"/>.</summary>
public abstract record GenerationEvent(SessionId Session);

/// <summary>More output. All texts, joined, are the result's text; all token ids its token ids. One verified round may bring many at once.</summary>
/// <param name="Text">Text that is certain now; empty while a character or a possible stop string is unfinished.</param>
public sealed record TextDelta(SessionId Session, string Text, ImmutableArray<int> TokenIds) : GenerationEvent(Session)
{
    /// <summary>One for each of <see cref="TokenIds"/>; empty where none were asked for.</summary>
    public ImmutableArray<TokenLogProbs> LogProbs { get; init; } = [];
}

/// <summary>The end of a generation, cancelled ones included.</summary>
public sealed record Completed(SessionId Session, GenerationResult Result) : GenerationEvent(Session);
