using System.Diagnostics.Metrics;
using SubSpec.Server.Metrics;

namespace SubSpec.Server.Tests.Metrics;

public sealed class EngineInstrumentsTests : IDisposable
{
    private readonly Meter _meter = new("SubSpec");
    private readonly PrometheusText _text;
    private EngineReading? _reading;

    public EngineInstrumentsTests()
    {
        _text = new PrometheusText(_meter);
        new EngineInstruments(_meter, () => _reading).Create();
    }

    public void Dispose()
    {
        _text.Dispose();
        _meter.Dispose();
    }

    [Theory]
    [InlineData("vllm:num_requests_running", "", 3)]
    [InlineData("vllm:num_requests_waiting", "", 2)]
    [InlineData("vllm:kv_cache_usage_perc", "", 0.25)]
    [InlineData("vllm:prompt_tokens_total", "", 100)]
    [InlineData("vllm:generation_tokens_total", "", 181)]
    [InlineData("vllm:prefix_cache_queries_total", "", 100)]
    [InlineData("vllm:prefix_cache_hits_total", "", 60)]
    [InlineData("vllm:spec_decode_num_drafts_total", "", 10)]
    [InlineData("vllm:spec_decode_num_draft_tokens_total", "", 640)]
    [InlineData("vllm:spec_decode_num_accepted_tokens_total", "", 170)]
    [InlineData("subspec_tau", "", 17)]
    [InlineData("subspec_draft_agreement", "", 0.95)]
    [InlineData("subspec_rounds_total", "", 10)]
    [InlineData("subspec_passes_total", "", 12)]
    [InlineData("subspec_streamed_bytes_total", "", 9000)]
    [InlineData("subspec_read_bytes_total", "", 9500)]
    [InlineData("subspec_link_busy_seconds_total", "", 1.5)]
    [InlineData("subspec_stall_seconds_total", "", 0.25)]
    [InlineData("subspec_draft_seconds_total", "", 0.4)]
    [InlineData("subspec_verify_seconds_total", "", 0.5)]
    [InlineData("subspec_overlap_ratio", "", 0.25)]
    [InlineData("subspec_draft_ahead_hits_total", "", 6)]
    [InlineData("subspec_draft_ahead_misses_total", "", 4)]
    [InlineData("subspec_draft_ahead_wasted_nodes_total", "", 30)]
    [InlineData("subspec_kv_slots", "state=\"used\"", 25)]
    [InlineData("subspec_kv_slots", "state=\"cached\"", 30)]
    [InlineData("subspec_kv_slots", "state=\"free\"", 45)]
    [InlineData("subspec_layers", "placement=\"offloaded\"", 2)]
    [InlineData("subspec_layers", "placement=\"resident\"", 1)]
    [InlineData("subspec_fast_tier_peak_bytes", "", 1024)]
    [InlineData("subspec_fast_tier_budget_bytes", "", 2048)]
    [InlineData("subspec_model_loaded", "", 1)]
    public void A_loaded_model_shows_its_figures(string name, string label, double value)
    {
        _reading = Readings.Loaded;
        string labels = label.Length == 0 ? "model_name=\"demo\"" : $"model_name=\"demo\",{label}";
        Assert.Equal(value, Assert.Single(Exposition.Parse(_text.Write())[name].Samples, s => s.Labels == labels).Value, 1e-12);
    }

    [Fact]
    public void Without_a_model_it_says_only_that_none_is_loaded()
    {
        _reading = Readings.Unloaded;
        MetricFamily family = Assert.Single(Exposition.Parse(_text.Write())).Value;
        Assert.Equal(("subspec_model_loaded", 0), (family.Name, Assert.Single(family.Samples).Value));
    }

    [Fact]
    public void Before_the_first_reading_it_says_nothing() => Assert.Equal("", _text.Write());

    [Fact]
    public void Every_instrument_has_a_name_that_OpenTelemetry_takes()
    {
        var names = new List<string>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, _) => { if (instrument.Meter == _meter) names.Add(instrument.Name); } };
        listener.Start();
        Assert.NotEmpty(names);
        // Its specification of instrument names.
        Assert.All(names, n => Assert.Matches("^[A-Za-z][A-Za-z0-9_./-]{0,254}$", n));
    }
}
