namespace SubSpec.Server.Http.Responses;

/// <summary>Where the time of an answer went; an extension to OpenAI's API. Of several choices, those that took longest.</summary>
/// <param name="QueueSeconds">Waiting for KV slots.</param>
/// <param name="PrefillSeconds">From there to the first token.</param>
/// <param name="DecodeSeconds">From the first token to the last.</param>
/// <param name="TokensPerSecond">All tokens after each choice's first, by <paramref name="DecodeSeconds"/>; 0 where there are none.</param>
/// <param name="Tau">Accepted draft tokens a round.</param>
/// <param name="Rounds">Draft and verify cycles.</param>
/// <param name="DraftAccepted">Tokens of the answer that were drafted.</param>
internal sealed record Timings(double QueueSeconds, double PrefillSeconds, double DecodeSeconds, double TokensPerSecond, double Tau, int Rounds, int DraftAccepted);
