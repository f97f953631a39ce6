using System.Collections.Immutable;
using Akka.Actor;
using SubSpec.Actors.Client;
using SubSpec.Actors.Scheduling;
using SubSpec.Core;
using SubSpec.Core.Generation;
using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;

namespace SubSpec.Actors.Sessions;

/// <summary>Names one request.</summary>
internal readonly record struct RequestId(Guid Value)
{
    /// <summary>An id that nobody else has.</summary>
    public static RequestId New() => new(Guid.NewGuid());
}

/// <summary>A session within its scope: nobody holds up, or profits from, the session of another scope that has the same id.</summary>
internal sealed record SessionKey(string Scope, SessionId Session);

/// <summary>A message for the actor of one request.</summary>
internal interface IWithRequestId
{
    RequestId Id { get; }
}

/// <summary>Asks for a generation. The subscriber gets <see cref="TextDelta"/>s and then <see cref="Completed"/>, <see cref="Failed"/> or <see cref="Rejected"/>.</summary>
/// <param name="Window">Deltas that may be under way before <see cref="DeltasRead"/> comes; what is more waits in the session and goes out as one.</param>
internal sealed record SubmitPrompt(RequestId Id, GenerationRequest Request, IActorRef Subscriber, int Window = int.MaxValue) : IWithRequestId
{
    /// <summary>What the subscriber's messages say; an id of its own for a request that belongs to no session.</summary>
    public SessionId Session { get; } = Request.Session ?? SessionId.New();

    /// <summary>Whose turn it is; null for a request that waits for no other.</summary>
    public SessionKey? Key => Request.Session is { } session ? new SessionKey(Request.Scope, session) : null;
}

/// <summary>To the subscriber: the generation could not be done or went wrong.</summary>
/// <param name="Error"><see cref="BadInputException"/> for the request's fault, <see cref="Client.EngineFailedException"/> for ours.</param>
internal sealed record Failed(SessionId Session, Exception Error);

/// <summary>To the subscriber: the generation was not taken on.</summary>
internal sealed record Rejected(SessionId Session, Rejection Why, string Reason);

/// <summary>Ends a generation at the next layer.</summary>
internal sealed record CancelRequest(RequestId Id) : IWithRequestId;

/// <summary>The subscriber has taken this many deltas.</summary>
internal sealed record DeltasRead(RequestId Id, int Count) : IWithRequestId;

/// <summary>Client to router: how many requests wait? Answered by <see cref="QueueLength"/>.</summary>
internal sealed record GetQueueLength;

internal sealed record QueueLength(int Requests);

/// <summary>Session to router: the last word has gone to the subscriber.</summary>
internal sealed record SessionEnded(RequestId Id);

/// <summary>Scheduler to session: a round or the prompt's last chunk has chosen tokens.</summary>
/// <param name="Accepted">Accepted draft tokens of the round; null for the token after the prompt.</param>
/// <param name="Finish">Why these are the last, or <see cref="Finish.None"/>.</param>
internal sealed record TokensCommitted(SequenceId Sequence, ImmutableArray<int> Tokens, int? Accepted, Finish Finish, SequenceTimes Times)
{
    /// <summary>One for each token; empty where none were asked for.</summary>
    public ImmutableArray<TokenLogProbs> LogProbs { get; init; } = [];

    /// <summary>The way to the accepted draft tokens; null where no tree was verified.</summary>
    public RoundWalk? Walk { get; init; }

    /// <summary>As in <see cref="GenerationResult.CachedTokens"/>.</summary>
    public int CachedTokens { get; init; }
}

/// <summary>Scheduler to session: the sequence cannot go on.</summary>
internal sealed record SequenceFailed(SequenceId Sequence, Exception Error);
