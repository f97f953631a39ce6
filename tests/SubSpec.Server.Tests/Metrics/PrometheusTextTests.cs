using System.Diagnostics.Metrics;
using SubSpec.Server.Metrics;

namespace SubSpec.Server.Tests.Metrics;

public sealed class PrometheusTextTests : IDisposable
{
    private readonly Meter _meter = new("test");
    private readonly PrometheusText _text;

    public PrometheusTextTests() => _text = new PrometheusText(_meter);

    public void Dispose()
    {
        _text.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public void Counters_add_up_by_their_labels()
    {
        Counter<long> counter = _meter.CreateCounter<long>("subspec.requests.failed", null, "Help.");
        counter.Add(2, new KeyValuePair<string, object?>("code", "a"));
        counter.Add(3, new KeyValuePair<string, object?>("code", "b"));
        counter.Add(4, new KeyValuePair<string, object?>("code", "a"));
        Assert.Equal(
            """
            # HELP subspec_requests_failed_total Help.
            # TYPE subspec_requests_failed_total counter
            subspec_requests_failed_total{code="a"} 6
            subspec_requests_failed_total{code="b"} 3

            """, _text.Write());
    }

    [Fact]
    public void Names_carry_unit_and_kind_and_those_of_vLLM_their_colon()
    {
        _meter.CreateCounter<double>("subspec.link.busy", "s", "x").Add(1.5);
        _meter.CreateObservableCounter("subspec.streamed", () => 7L, "By", "x");
        _meter.CreateObservableGauge("vllm.kv_cache_usage_perc", () => 0.25, null, "x");
        _meter.CreateHistogram<double>("vllm.time_to_first_token", "s", "x").Record(1);
        Assert.Equal(
            ["subspec_link_busy_seconds_total", "subspec_streamed_bytes_total", "vllm:kv_cache_usage_perc", "vllm:time_to_first_token_seconds"],
            Exposition.Parse(_text.Write()).Keys);
    }

    [Fact]
    public void A_bucket_counts_what_is_at_most_its_bound()
    {
        var advice = new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1, 10] };
        Histogram<double> histogram = _meter.CreateHistogram("vllm.e2e_request_latency", "s", "Latency.", advice: advice);
        foreach (double value in new[] { 0.05, 0.1, 0.2, 10, 11 }) histogram.Record(value, new KeyValuePair<string, object?>("model_name", "demo"));
        Assert.Equal(
            """
            # HELP vllm:e2e_request_latency_seconds Latency.
            # TYPE vllm:e2e_request_latency_seconds histogram
            vllm:e2e_request_latency_seconds_bucket{model_name="demo",le="0.1"} 2
            vllm:e2e_request_latency_seconds_bucket{model_name="demo",le="1"} 3
            vllm:e2e_request_latency_seconds_bucket{model_name="demo",le="10"} 4
            vllm:e2e_request_latency_seconds_bucket{model_name="demo",le="+Inf"} 5
            vllm:e2e_request_latency_seconds_sum{model_name="demo"} 21.35
            vllm:e2e_request_latency_seconds_count{model_name="demo"} 5

            """, _text.Write());
        Exposition.Parse(_text.Write());
    }

    [Fact]
    public void Labels_and_help_are_escaped()
    {
        _meter.CreateCounter<long>("a", null, "one\\two\nthree \"four\"").Add(1, new KeyValuePair<string, object?>("b.c", "x\\y\n\"z\""));
        Assert.Equal("# HELP a_total one\\\\two\\nthree \"four\"\n# TYPE a_total counter\na_total{b_c=\"x\\\\y\\n\\\"z\\\"\"} 1\n", _text.Write());
    }

    [Fact]
    public void What_is_observable_is_observed_at_each_scrape_and_goes_with_its_source()
    {
        double? value = 1;
        _meter.CreateObservableGauge("g", () => value is { } v ? [new Measurement<double>(v)] : Array.Empty<Measurement<double>>(), null, "x");
        Assert.Contains("g 1\n", _text.Write(), StringComparison.Ordinal);
        value = double.NaN;
        Assert.Contains("g NaN\n", _text.Write(), StringComparison.Ordinal);
        value = null;
        Assert.Equal("", _text.Write());
    }

    [Fact]
    public void Other_meters_are_not_heard()
    {
        using var other = new Meter("test");
        other.CreateCounter<long>("a", null, "x").Add(1);
        Assert.Equal("", _text.Write());
    }
}
