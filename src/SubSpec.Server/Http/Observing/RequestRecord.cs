using System.Collections.Immutable;
using SubSpec.Core.Generation;

namespace SubSpec.Server.Http.Observing;

/// <summary>How a generation request went.</summary>
/// <param name="RequestId">As in <c>x-request-id</c>.</param>
/// <param name="Api"><c>chat.completions</c> or <c>completions</c>.</param>
/// <param name="Model">As results call it.</param>
/// <param name="Streamed">Whether the answer was streamed.</param>
/// <param name="Status">HTTP status; 499 where the client went away.</param>
/// <param name="ErrorCode">The error's code or type; null for none.</param>
/// <param name="Started">When the request came.</param>
/// <param name="Seconds">From the request's arrival to its last byte.</param>
/// <param name="FirstTokenSeconds">From the request's arrival to the first token of any choice; null where there was none.</param>
/// <param name="PromptTokens">Of each prompt once, however many choices were made of it.</param>
/// <param name="CachedTokens">Of them, those whose KV was there already.</param>
/// <param name="Results">What was generated, a result for each choice that ended.</param>
public sealed record RequestRecord(
    string RequestId,
    string Api,
    string Model,
    bool Streamed,
    int Status,
    string? ErrorCode,
    DateTimeOffset Started,
    double Seconds,
    double? FirstTokenSeconds,
    int PromptTokens,
    int CachedTokens,
    ImmutableArray<GenerationResult> Results)
{
    public int CompletionTokens => Results.Sum(r => r.TokenIds.Length);
}
