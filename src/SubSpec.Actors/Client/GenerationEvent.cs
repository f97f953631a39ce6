using System.Collections.Immutable;

namespace SubSpec.Actors.Client;

/// <summary>Something that a generation has to tell its reader. The last one of a generation that ran is <see cref="Completed"/>.</summary>
public abstract record GenerationEvent(SessionId Session);

/// <summary>More output. All texts, joined, are the result's text; all tokens its tokens.</summary>
/// <param name="Text">Text that is certain now; empty while a character or a possible stop string is unfinished.</param>
public sealed record TextDelta(SessionId Session, string Text, ImmutableArray<int> Tokens) : GenerationEvent(Session);

/// <summary>The end of a generation, cancelled ones included.</summary>
public sealed record Completed(SessionId Session, GenerationResult Result) : GenerationEvent(Session);

/// <summary>The generation could not be done or went wrong.</summary>
/// <param name="Error"><see cref="Core.BadInputException"/> for the request's fault, <see cref="EngineFailedException"/> for ours.</param>
internal sealed record Failed(SessionId Session, Exception Error) : GenerationEvent(Session);

/// <summary>The generation was not taken on.</summary>
internal sealed record Rejected(SessionId Session, string Reason) : GenerationEvent(Session);
