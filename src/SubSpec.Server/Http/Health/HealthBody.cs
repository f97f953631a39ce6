using System.Text.Json;
using SubSpec.Actors.Engines;
using SubSpec.Server.Http.Loading;

namespace SubSpec.Server.Http.Health;

/// <summary>How the service stands.</summary>
/// <param name="Status"><c>loading</c>, <c>ready</c>, <c>unloaded</c> (the next request loads it) or <c>failed</c>.</param>
/// <param name="Error">Why it failed; null where it did not.</param>
/// <param name="Loading">Null while nothing is loaded.</param>
/// <param name="Engine">Null while no model is loaded.</param>
internal sealed record HealthBody(string Status, bool Live, bool Ready, string Model, string? Error, LoadingBody? Loading, EngineBody? Engine)
{
    public static HealthBody Of(IModelHost models, ModelState state, bool ready, EngineLoad? load) => new(
        Word(state),
        Live: true,
        ready,
        models.Name,
        state == ModelState.Failed ? models.Failure?.Message : null,
        models.Progress is { } progress ? new LoadingBody(Word(progress.Stage), progress.Fraction, progress.Remaining?.TotalSeconds) : null,
        load is null ? null : new EngineBody(Word(load.State), load.Running, load.Queued + load.Waiting, PrefillBody.Of(load.Prefill), load.KvSlots, load.KvCommitted, load.KvCached));

    private static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}

/// <param name="Stage"><c>opening</c>, <c>loading_weights</c>, <c>building_substitutes</c>, <c>pinning_layers</c>, <c>uploading_weights</c> or <c>probing</c>.</param>
/// <param name="Fraction">Of this stage, 0 to 1.</param>
/// <param name="RemainingSeconds">Of this stage; null while unknown.</param>
internal sealed record LoadingBody(string Stage, double Fraction, double? RemainingSeconds);

/// <param name="State"><c>building</c>, <c>ready</c>, <c>down</c> (the next request builds it anew) or <c>ended</c>.</param>
/// <param name="Running">Sequences with KV slots.</param>
/// <param name="Waiting">Sequences that wait for some, or for an earlier one of their session.</param>
/// <param name="Prefill">Null while no prompt is being read.</param>
internal sealed record EngineBody(string State, int Running, int Waiting, PrefillBody? Prefill, int KvSlots, int KvCommitted, int KvCached);

/// <param name="Sequences">Whose prompts are being read.</param>
/// <param name="Tokens">Of these prompts, without what the cache had.</param>
/// <param name="Done">Of them, how many were read; whole chunks.</param>
/// <param name="Fraction">0 to 1.</param>
internal sealed record PrefillBody(int Sequences, int Tokens, int Done, double Fraction)
{
    public static PrefillBody? Of(PrefillProgress progress) =>
        progress.Sequences == 0 ? null : new PrefillBody(progress.Sequences, progress.Tokens, progress.Done, (double)progress.Done / progress.Tokens);
}
