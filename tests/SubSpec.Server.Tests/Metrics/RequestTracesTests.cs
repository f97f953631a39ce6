using System.Diagnostics;
using SubSpec.Core.Generation;
using SubSpec.Server.Http.Observing;
using SubSpec.Server.Metrics;

namespace SubSpec.Server.Tests.Metrics;

public sealed class RequestTracesTests : IDisposable
{
    private readonly RequestTraces _traces = new();
    private readonly ActivitySource _parents = new("parents of this test");
    private readonly List<Activity> _spans = [];
    private readonly ActivityListener _listener;

    public RequestTracesTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is RequestTraces.SourceName || source == _parents,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _parents.Dispose();
        _traces.Dispose();
    }

    [Fact]
    public void A_span_lasts_as_long_as_its_request_and_says_what_was_generated()
    {
        Activity span = SpanOf(RequestRecords.Of(RequestRecords.Answer()));
        Assert.Equal("chat demo", span.DisplayName);
        Assert.Equal((RequestRecords.Noon.UtcDateTime, TimeSpan.FromSeconds(7.5)), (span.StartTimeUtc, span.Duration));
        Assert.Equal((7, 5, 3, "req_1"), (span.GetTagItem("gen_ai.usage.input_tokens"), span.GetTagItem("gen_ai.usage.output_tokens"),
            span.GetTagItem("subspec.cached_tokens"), span.GetTagItem("subspec.request_id")));
        Assert.Equal(["stop"], Assert.IsType<string[]>(span.GetTagItem("gen_ai.response.finish_reasons")));
        Assert.Equal(ActivityStatusCode.Unset, span.Status);
    }

    [Fact]
    public void Its_events_stand_where_each_choice_was_queued_prefilled_and_decoded()
    {
        // The second choice was queued half a second after the first, whose first token came 3.25 s after the request.
        Activity span = SpanOf(RequestRecords.Of(RequestRecords.Answer(), RequestRecords.Answer(FinishReason.Length, arrived: 100.5)));
        Assert.Equal(
            [("queued", 0, 0.25), ("prefill", 0, 1.25), ("decode", 0, 3.25), ("finished", 0, 7.25), ("queued", 1, 0.75), ("prefill", 1, 1.75), ("decode", 1, 3.75), ("finished", 1, 7.75)],
            span.Events.Select(e => (e.Name, (int)e.Tags.First(t => t.Key == "subspec.choice").Value!, (e.Timestamp - RequestRecords.Noon).TotalSeconds)));
    }

    [Fact]
    public void A_failed_request_is_an_error_with_its_code()
    {
        Activity span = SpanOf(RequestRecords.Failed);
        Assert.Equal(("text_completion demo", ActivityStatusCode.Error, "queue_full"), (span.DisplayName, span.Status, span.GetTagItem("error.type")));
        Assert.Empty(span.Events);
    }

    [Fact]
    public void It_hangs_below_the_span_of_the_HTTP_request()
    {
        using Activity parent = _parents.StartActivity("POST /v1/chat/completions")!;
        Assert.Equal(parent.SpanId, SpanOf(RequestRecords.Of(RequestRecords.Answer())).ParentSpanId);
    }

    private Activity SpanOf(RequestRecord record)
    {
        // Services of other tests have a source of the same name.
        _listener.ActivityStopped = span => { if (span.GetTagItem("subspec.request_id") as string == record.RequestId && span.StartTimeUtc == RequestRecords.Noon.UtcDateTime) _spans.Add(span); };
        _traces.Finished(record);
        return Assert.Single(_spans);
    }
}
