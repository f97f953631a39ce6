using System.Diagnostics;
using System.Diagnostics.Metrics;
using SubSpec.Core.Generation;
using SubSpec.Server.Http.Observing;

namespace SubSpec.Server.Metrics;

/// <summary>The instruments that show requests, once they are over. Buckets are vLLM's.</summary>
internal sealed class RequestInstruments : IRequestObserver
{
    /// <summary>vLLM's label of all series.</summary>
    public const string ModelTag = "model_name";

    private static readonly double[] FirstTokenBounds =
        [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560];

    private static readonly double[] GapBounds = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80];

    private static readonly double[] RequestBounds =
        [0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680];

    private readonly Histogram<double> _firstToken;
    private readonly Histogram<double> _gap;
    private readonly Histogram<double> _perToken;
    private readonly Histogram<double> _whole;
    private readonly Histogram<double> _queue;
    private readonly Histogram<double> _prefill;
    private readonly Histogram<double> _decode;
    private readonly Counter<long> _success;
    private readonly Counter<long> _failed;

    public RequestInstruments(Meter meter)
    {
        _firstToken = Seconds(meter, "vllm.time_to_first_token", "From a request's arrival to its first token.", FirstTokenBounds);
        _gap = Seconds(meter, "vllm.inter_token_latency", "From one round's tokens of an answer to the next round's.", GapBounds);
        _perToken = Seconds(meter, "vllm.request_time_per_output_token", "Mean time of a token after the first, for each answer.", GapBounds);
        _whole = Seconds(meter, "vllm.e2e_request_latency", "From a request's arrival to the end of its answer.", RequestBounds);
        _queue = Seconds(meter, "vllm.request_queue_time", "From the scheduler's queue to KV slots.", RequestBounds);
        _prefill = Seconds(meter, "vllm.request_prefill_time", "From there to the first token.", RequestBounds);
        _decode = Seconds(meter, "vllm.request_decode_time", "From the first token to the last.", RequestBounds);
        _success = meter.CreateCounter<long>("vllm.request_success", null, "Answers by the reason of their end; abort: cancelled by the client.");
        _failed = meter.CreateCounter<long>("subspec.requests.failed", null, "Requests that were refused or failed, by the error's code.");
    }

    public void Finished(RequestRecord record)
    {
        var model = new KeyValuePair<string, object?>(ModelTag, record.Model);
        if (record.ErrorCode is { } code) _failed.Add(1, model, new KeyValuePair<string, object?>("code", code));
        if (record.Results.IsEmpty) return;
        _whole.Record(record.Seconds, model);
        if (record.FirstTokenSeconds is { } first) _firstToken.Record(first, model);
        foreach (GenerationResult result in record.Results) Add(result, model);
    }

    /// <summary>vLLM's name of a reason.</summary>
    public static string ReasonOf(GenerationResult result) => result.FinishReason switch
    {
        FinishReason.Stop => "stop",
        FinishReason.Length => "length",
        FinishReason.Cancelled => "abort",
        _ => throw new UnreachableException($"no such reason: {result.FinishReason}"),
    };

    private void Add(GenerationResult result, KeyValuePair<string, object?> model)
    {
        _success.Add(1, model, new KeyValuePair<string, object?>("finished_reason", ReasonOf(result)));
        foreach (double gap in result.Gaps) _gap.Record(gap, model);
        // Cancelled before it chose a token, an answer has no times.
        if (result.TokenIds.IsEmpty) return;
        _queue.Record(result.Times.QueueSeconds, model);
        _prefill.Record(result.Times.PrefillSeconds, model);
        _decode.Record(result.Times.DecodeSeconds, model);
        if (result.TokenIds.Length > 1) _perToken.Record(result.Times.DecodeSeconds / (result.TokenIds.Length - 1), model);
    }

    private static Histogram<double> Seconds(Meter meter, string name, string description, double[] bounds) =>
        meter.CreateHistogram(name, "s", description, advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });
}
