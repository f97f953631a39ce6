namespace SubSpec.Core.Engine;

/// <summary>Running totals of an engine since the service started, rebuilds included. Two snapshots subtract to what happened between them.</summary>
/// <param name="Passes">Passes that ended, abandoned ones included.</param>
/// <param name="Rounds">Trees (or roots alone) that were verified: draft and verify cycles of all sequences.</param>
/// <param name="BytesStreamed">Payload of offloaded layers that passes consumed.</param>
/// <param name="BytesRead">Everything that the link read, hulls and unused read-ahead included.</param>
/// <param name="LinkBusySeconds">Time during which a read or copy was outstanding.</param>
/// <param name="VerifySeconds">Compute time of passes.</param>
/// <param name="DraftSeconds">Compute time of draft rounds.</param>
/// <param name="StallSeconds">Time in which an open pass waited for a layer and the compute thread had nothing else to do.</param>
/// <param name="OverlapSeconds">Draft seconds during which the link was busy.</param>
/// <param name="LayersConsumed">Offloaded layers that passes ran through.</param>
/// <param name="DraftSteps">Calls of the draft model.</param>
/// <param name="VerifiedRows">Rows that went through whole passes, prompt chunks included.</param>
/// <param name="DraftChoices">Nodes of acceptance walks at which the draft had chosen a token too.</param>
/// <param name="DraftAgreed">Of these, how often it chose the target's token.</param>
/// <param name="AheadHits">Rounds that began with what was drafted during the pass before.</param>
/// <param name="AheadMisses">Rounds that had to draft anew after drafting ahead.</param>
/// <param name="AheadWastedNodes">Nodes that were drafted ahead and forgotten.</param>
/// <param name="DroppedMessages">Messages of rounds, passes or engines that were over: dropped before they touched memory.</param>
public sealed record EngineTotals(
    long Passes,
    long Rounds,
    long BytesStreamed,
    long BytesRead,
    double LinkBusySeconds,
    double VerifySeconds,
    double DraftSeconds,
    double StallSeconds,
    double OverlapSeconds,
    long LayersConsumed,
    long DraftSteps,
    long VerifiedRows,
    long DraftChoices,
    long DraftAgreed,
    long AheadHits,
    long AheadMisses,
    long AheadWastedNodes,
    long DroppedMessages)
{
    /// <summary>Rows that went through the draft model.</summary>
    public long DraftedRows { get; init; }

    public static EngineTotals Zero { get; } = new(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /// <summary>Rows of prompts that passes have committed. A sequence that goes on after a rebuild is prefilled again, its output included.</summary>
    public long PrefilledTokens { get; init; }

    /// <summary>Prompt tokens that needed no prefill: their KV was in the prefix cache.</summary>
    public long CachedTokens { get; init; }

    /// <summary>Tokens that were chosen, those of the passes that end prompts included.</summary>
    public long CommittedTokens { get; init; }

    /// <summary>Draft tokens that were verified: the nodes of all trees, their roots not counted.</summary>
    public long DraftedTokens { get; init; }

    /// <summary>Of them, those that were accepted. Over <see cref="Rounds"/>, this is tau.</summary>
    public long AcceptedTokens { get; init; }

    /// <summary>What happened after <paramref name="earlier"/>.</summary>
    public EngineTotals Since(EngineTotals earlier) => new(
        Passes - earlier.Passes,
        Rounds - earlier.Rounds,
        BytesStreamed - earlier.BytesStreamed,
        BytesRead - earlier.BytesRead,
        LinkBusySeconds - earlier.LinkBusySeconds,
        VerifySeconds - earlier.VerifySeconds,
        DraftSeconds - earlier.DraftSeconds,
        StallSeconds - earlier.StallSeconds,
        OverlapSeconds - earlier.OverlapSeconds,
        LayersConsumed - earlier.LayersConsumed,
        DraftSteps - earlier.DraftSteps,
        VerifiedRows - earlier.VerifiedRows,
        DraftChoices - earlier.DraftChoices,
        DraftAgreed - earlier.DraftAgreed,
        AheadHits - earlier.AheadHits,
        AheadMisses - earlier.AheadMisses,
        AheadWastedNodes - earlier.AheadWastedNodes,
        DroppedMessages - earlier.DroppedMessages)
    {
        DraftedRows = DraftedRows - earlier.DraftedRows,
        PrefilledTokens = PrefilledTokens - earlier.PrefilledTokens,
        CachedTokens = CachedTokens - earlier.CachedTokens,
        CommittedTokens = CommittedTokens - earlier.CommittedTokens,
        DraftedTokens = DraftedTokens - earlier.DraftedTokens,
        AcceptedTokens = AcceptedTokens - earlier.AcceptedTokens,
    };
}
