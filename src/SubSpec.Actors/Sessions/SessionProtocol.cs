using System.Collections.Immutable;
using Akka.Actor;
using SubSpec.Actors.Client;
using SubSpec.Actors.Scheduling;
using SubSpec.Core;
using SubSpec.Core.Generation;
using SubSpec.Core.Sampling;

namespace SubSpec.Actors.Sessions;

/// <summary>A message for the actor of one session.</summary>
internal interface IWithSessionId
{
    SessionId Session { get; }
}

/// <summary>Asks for a generation. The subscriber gets <see cref="TextDelta"/>s and then <see cref="Completed"/>, <see cref="Failed"/> or <see cref="Rejected"/>.</summary>
/// <param name="Window">Deltas that may be under way before <see cref="DeltasRead"/> comes; what is more waits in the session and goes out as one.</param>
internal sealed record SubmitPrompt(SessionId Session, GenerationRequest Request, IActorRef Subscriber, int Window = int.MaxValue) : IWithSessionId;

/// <summary>To the subscriber: the generation could not be done or went wrong.</summary>
/// <param name="Error"><see cref="BadInputException"/> for the request's fault, <see cref="Client.EngineFailedException"/> for ours.</param>
internal sealed record Failed(SessionId Session, Exception Error);

/// <summary>To the subscriber: the generation was not taken on.</summary>
internal sealed record Rejected(SessionId Session, Rejection Why, string Reason);

/// <summary>Ends a generation at the next layer.</summary>
internal sealed record CancelRequest(SessionId Session) : IWithSessionId;

/// <summary>The subscriber has taken this many deltas.</summary>
internal sealed record DeltasRead(SessionId Session, int Count) : IWithSessionId;

/// <summary>Session to router: the last word has gone to the subscriber.</summary>
internal sealed record SessionEnded(SessionId Session) : IWithSessionId;

/// <summary>Scheduler to session: a round or the prompt's last chunk has chosen tokens.</summary>
/// <param name="Accepted">Accepted draft tokens of the round; null for the token after the prompt.</param>
/// <param name="Finish">Why these are the last, or <see cref="Finish.None"/>.</param>
internal sealed record TokensCommitted(SequenceId Sequence, ImmutableArray<int> Tokens, int? Accepted, Finish Finish, SequenceTimes Times)
{
    /// <summary>One for each token; empty where none were asked for.</summary>
    public ImmutableArray<TokenLogProbs> LogProbs { get; init; } = [];
}

/// <summary>Scheduler to session: the sequence cannot go on.</summary>
internal sealed record SequenceFailed(SequenceId Sequence, Exception Error);
