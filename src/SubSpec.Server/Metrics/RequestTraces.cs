using System.Diagnostics;
using SubSpec.Core.Generation;
using SubSpec.Server.Http.Observing;

namespace SubSpec.Server.Metrics;

/// <summary>
/// A span for each request that generated, with an event where each of its choices was queued, began its prompt, chose its first
/// token and its last. Attributes follow OpenTelemetry's conventions for generative models. It is made when the request is over:
/// nothing is noted on the way, and nothing at all while nobody listens.
/// </summary>
internal sealed class RequestTraces : IRequestObserver, IDisposable
{
    public const string SourceName = "SubSpec";

    private readonly ActivitySource _source = new(SourceName);

    public void Finished(RequestRecord record)
    {
        if (!_source.HasListeners()) return;
        string operation = record.Api == "completions" ? "text_completion" : "chat";
        using Activity? span = _source.StartActivity($"{operation} {record.Model}", ActivityKind.Internal, parentContext: default, startTime: record.Started);
        if (span is null) return;
        span.SetTag("gen_ai.operation.name", operation);
        span.SetTag("gen_ai.request.model", record.Model);
        span.SetTag("gen_ai.usage.input_tokens", record.PromptTokens);
        span.SetTag("gen_ai.usage.output_tokens", record.CompletionTokens);
        span.SetTag("gen_ai.response.finish_reasons", record.Results.Select(RequestInstruments.ReasonOf).ToArray());
        span.SetTag("subspec.request_id", record.RequestId);
        span.SetTag("subspec.cached_tokens", record.CachedTokens);
        span.SetTag("http.response.status_code", record.Status);
        if (record.ErrorCode is { } code) span.SetTag("error.type", code).SetStatus(ActivityStatusCode.Error);
        AddEvents(span, record);
        span.SetEndTime((record.Started + TimeSpan.FromSeconds(record.Seconds)).UtcDateTime);
    }

    public void Dispose() => _source.Dispose();

    private static void AddEvents(Activity span, RequestRecord record)
    {
        GenerationResult[] began = [.. record.Results.Where(r => !r.TokenIds.IsEmpty)];
        if (began.Length == 0 || record.FirstTokenSeconds is not { } first) return;
        // The engine's clock and the request's meet at the first token of all.
        double origin = began.Min(r => r.Times.FirstTokenSeconds) - first;
        for (int choice = 0; choice < record.Results.Length; choice++)
        {
            GenerationResult result = record.Results[choice];
            if (result.TokenIds.IsEmpty) continue;
            GenerationTimes times = result.Times;
            Add("queued", times.ArrivedSeconds, "subspec.prompt_tokens", result.PromptTokens);
            Add("prefill", times.ArrivedSeconds + times.QueueSeconds, "subspec.cached_tokens", result.CachedTokens);
            Add("decode", times.FirstTokenSeconds, "subspec.seed", (long)result.Seed);
            Add("finished", times.LastTokenSeconds, "subspec.tau", result.Tau);

            void Add(string name, double at, string tag, object value) => span.AddEvent(new ActivityEvent(
                name, record.Started + TimeSpan.FromSeconds(at - origin), new ActivityTagsCollection { ["subspec.choice"] = choice, [tag] = value }));
        }
    }
}
