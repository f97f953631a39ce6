using System.Diagnostics.Metrics;
using SubSpec.Core.Generation;
using SubSpec.Server.Metrics;

namespace SubSpec.Server.Tests.Metrics;

public sealed class RequestInstrumentsTests : IDisposable
{
    private readonly Meter _meter = new("SubSpec");
    private readonly PrometheusText _text;
    private readonly RequestInstruments _requests;

    public RequestInstrumentsTests()
    {
        _text = new PrometheusText(_meter);
        _requests = new RequestInstruments(_meter);
    }

    public void Dispose()
    {
        _text.Dispose();
        _meter.Dispose();
    }

    [Theory]
    [InlineData("vllm:time_to_first_token_seconds", 1, 3.25)]
    [InlineData("vllm:e2e_request_latency_seconds", 1, 7.5)]
    [InlineData("vllm:inter_token_latency_seconds", 2, 4)]
    [InlineData("vllm:request_time_per_output_token_seconds", 1, 1)]
    [InlineData("vllm:request_queue_time_seconds", 1, 1)]
    [InlineData("vllm:request_prefill_time_seconds", 1, 2)]
    [InlineData("vllm:request_decode_time_seconds", 1, 4)]
    public void An_answer_is_in_every_histogram(string name, int count, double sum)
    {
        _requests.Finished(RequestRecords.Of(RequestRecords.Answer()));
        MetricFamily family = Exposition.Parse(_text.Write())[name];
        Assert.Equal("histogram", family.Type);
        Assert.Equal((count, sum), (Value(family, name + "_count"), Value(family, name + "_sum")));
    }

    [Fact]
    public void Answers_are_counted_by_vLLMs_words_for_their_end()
    {
        _requests.Finished(RequestRecords.Of(RequestRecords.Answer(), RequestRecords.Answer(FinishReason.Length)));
        _requests.Finished(RequestRecords.Of(RequestRecords.Answer(FinishReason.Cancelled), RequestRecords.Answer()));
        Assert.Equal(
            [("abort", 1), ("length", 1), ("stop", 2)],
            Exposition.Parse(_text.Write())["vllm:request_success_total"].Samples.Select(s => (s.Labels.Split('"')[3], s.Value)).Order());
    }

    [Fact]
    public void A_refused_request_is_counted_by_its_error_and_has_no_times()
    {
        _requests.Finished(RequestRecords.Failed);
        MetricFamily family = Assert.Single(Exposition.Parse(_text.Write())).Value;
        Assert.Equal("subspec_requests_failed_total", family.Name);
        Assert.Equal(("model_name=\"demo\",code=\"queue_full\"", 1), (family.Samples[0].Labels, family.Samples[0].Value));
    }

    [Fact]
    public void An_answer_that_was_cancelled_before_its_first_token_has_an_end_and_no_times()
    {
        GenerationResult none = RequestRecords.Answer(FinishReason.Cancelled) with { TokenIds = [], Gaps = [], Times = GenerationTimes.Zero };
        _requests.Finished(RequestRecords.Of(none) with { FirstTokenSeconds = null });
        Assert.Equal(["vllm:e2e_request_latency_seconds", "vllm:request_success_total"], Exposition.Parse(_text.Write()).Keys);
    }

    private static double Value(MetricFamily family, string name) => Assert.Single(family.Samples, s => s.Name == name).Value;
}
