using System.Diagnostics.Metrics;
using SubSpec.Actors.Engines;
using SubSpec.Core.Engine;

namespace SubSpec.Server.Metrics;

/// <summary>The instruments that show an engine: observed when somebody collects, from the reading of that moment. Without a model only one of them says anything: that none is loaded.</summary>
/// <param name="meter">Where they are made.</param>
/// <param name="reading">Gives the last reading, at once; null before the first one.</param>
internal sealed class EngineInstruments(Meter meter, Func<EngineReading?> reading)
{
    public void Create()
    {
        meter.CreateObservableGauge("subspec.model.loaded", () => Observe(r => [Value(r, r.Load is null ? 0 : 1)]), null, "1 while a model is loaded.");
        Gauge("vllm.num_requests_running", null, "Sequences that hold KV slots.", l => l.Running);
        Gauge("vllm.num_requests_waiting", null, "Requests that wait for others of their session or of all, for KV slots, or for the engine.", l => l.Queued + l.Waiting);
        Gauge("vllm.kv_cache_usage_perc", null, "Share of the KV slots that running sequences have, 0 to 1.", l => Ratio(Used(l), l.KvSlots));
        meter.CreateObservableGauge("subspec.kv.slots", Slots, null, "KV slots by state: used by running sequences, cached for prompts that begin alike, free. They add up to all.");
        Gauge("subspec.kv.committed", null, "KV slots that hold tokens of running sequences; the others that these have are for what they may become.", l => l.KvCommitted);
        CreateSpeculation();
        CreateStreaming();
    }

    private void CreateSpeculation()
    {
        Counter("vllm.prompt_tokens", null, "Prompt tokens that were prefilled or found in the prefix cache.", t => t.PrefilledTokens + t.CachedTokens);
        Counter("vllm.generation_tokens", null, "Tokens that were chosen.", t => t.CommittedTokens);
        Counter("vllm.prefix_cache_queries", null, "Prompt tokens that were looked up in the prefix cache.", t => t.PrefilledTokens + t.CachedTokens);
        Counter("vllm.prefix_cache_hits", null, "Of these, tokens whose KV was still there.", t => t.CachedTokens);
        Counter("vllm.spec_decode_num_drafts", null, "Draft trees that were verified.", t => t.Rounds);
        Counter("vllm.spec_decode_num_draft_tokens", null, "Draft tokens that were verified.", t => t.DraftedTokens);
        Counter("vllm.spec_decode_num_accepted_tokens", null, "Draft tokens that were accepted.", t => t.AcceptedTokens);
        Gauge("subspec.tau", null, "Mean accepted draft tokens a round since the model was loaded.", l => Ratio(l.Totals.AcceptedTokens, l.Totals.Rounds));
        Gauge("subspec.draft.agreement", null, "How often the draft's first choice was the target's token, 0 to 1.", l => Ratio(l.Totals.DraftAgreed, l.Totals.DraftChoices));
        Counter("subspec.rounds", null, "Rounds: trees, or roots alone, that were verified.", t => t.Rounds);
        Counter("subspec.draft.steps", null, "Calls of the draft model.", t => t.DraftSteps);
        Counter("subspec.draft_ahead.hits", null, "Rounds that began with what was drafted during the pass before.", t => t.AheadHits);
        Counter("subspec.draft_ahead.misses", null, "Rounds that had to draft anew after drafting ahead.", t => t.AheadMisses);
        Counter("subspec.draft_ahead.wasted_nodes", null, "Nodes that were drafted ahead and forgotten.", t => t.AheadWastedNodes);
    }

    private void CreateStreaming()
    {
        Counter("subspec.passes", null, "Passes of the target that ended.", t => t.Passes);
        Counter("subspec.rows", null, "Rows that went through whole passes, prompt chunks included.", t => t.VerifiedRows);
        Counter("subspec.layers.streamed", null, "Offloaded layers that passes ran through.", t => t.LayersConsumed);
        Counter("subspec.streamed", "By", "Payload of offloaded layers that passes consumed.", t => t.BytesStreamed);
        Counter("subspec.read", "By", "All that the link read, alignment and unused read-ahead included.", t => t.BytesRead);
        Counter("subspec.link.busy", "s", "Time in which a read was outstanding.", t => t.LinkBusySeconds);
        Counter("subspec.stall", "s", "Time in which a pass waited for a layer and there was nothing else to compute.", t => t.StallSeconds);
        Counter("subspec.draft", "s", "Compute time of draft rounds.", t => t.DraftSeconds);
        Counter("subspec.verify", "s", "Compute time of passes.", t => t.VerifySeconds);
        Counter("subspec.overlap", "s", "Draft time during which the link was busy.", t => t.OverlapSeconds);
        Gauge("subspec.overlap.ratio", null, "Share of draft time during which the link was busy, 0 to 1.", l => Ratio(l.Totals.OverlapSeconds, l.Totals.DraftSeconds));
        meter.CreateObservableGauge("subspec.fast_tier.peak", () => Loaded(r => [Value(r, r.FastTierBytes)]), "By", "Most bytes of the fast tier that were in use at once.");
        meter.CreateObservableGauge("subspec.fast_tier.budget", () => Loaded(r => [Value(r, r.Info!.Plan.BudgetBytes)]), "By", "Bytes that the fast tier may take.");
        meter.CreateObservableGauge("subspec.layers", Layers, null, "Layers by placement: offloaded to storage, or resident in the fast tier.");
    }

    private void Counter(string name, string? unit, string description, Func<EngineTotals, double> of) =>
        meter.CreateObservableCounter(name, () => Loaded(r => [Value(r, of(r.Load!.Totals))]), unit, description);

    private void Gauge(string name, string? unit, string description, Func<EngineLoad, double> of) =>
        meter.CreateObservableGauge(name, () => Loaded(r => [Value(r, of(r.Load!))]), unit, description);

    private IEnumerable<Measurement<double>> Slots() => Loaded(r =>
    [
        Value(r, Used(r.Load!), "state", "used"),
        Value(r, r.Load!.KvCached, "state", "cached"),
        Value(r, r.Load.KvFree, "state", "free"),
    ]);

    private IEnumerable<Measurement<double>> Layers() => Loaded(r =>
    [
        Value(r, r.Info!.Plan.Offloaded, "placement", "offloaded"),
        Value(r, r.Info.Plan.Layers.Length - r.Info.Plan.Offloaded, "placement", "resident"),
    ]);

    private IEnumerable<Measurement<double>> Loaded(Func<EngineReading, IEnumerable<Measurement<double>>> of) => Observe(r => r.Load is null ? [] : of(r));

    private IEnumerable<Measurement<double>> Observe(Func<EngineReading, IEnumerable<Measurement<double>>> of) => reading() is { } now ? of(now) : [];

    private static Measurement<double> Value(EngineReading now, double value) => new(value, ModelTag(now));

    private static Measurement<double> Value(EngineReading now, double value, string tag, string state) =>
        new(value, ModelTag(now), new KeyValuePair<string, object?>(tag, state));

    private static KeyValuePair<string, object?> ModelTag(EngineReading now) => new(RequestInstruments.ModelTag, now.Model);

    private static int Used(EngineLoad load) => load.KvSlots - load.KvCached - load.KvFree;

    private static double Ratio(double part, double whole) => whole == 0 ? 0 : part / whole;
}
