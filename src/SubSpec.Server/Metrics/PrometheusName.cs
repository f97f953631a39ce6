using System.Diagnostics.Metrics;

namespace SubSpec.Server.Metrics;

/// <summary>
/// What Prometheus calls an instrument. Instruments have names that OpenTelemetry accepts, which a colon is not in, so vLLM's
/// <c>vllm:time_to_first_token_seconds</c> is the instrument <c>vllm.time_to_first_token</c> in <c>s</c>.
/// </summary>
internal static class PrometheusName
{
    private const string Vllm = "vllm.";

    /// <summary>The name with its unit, and <c>_total</c> for what only grows.</summary>
    public static string Of(Instrument instrument)
    {
        string name = instrument.Name.StartsWith(Vllm, StringComparison.Ordinal) ? "vllm:" + instrument.Name[Vllm.Length..] : instrument.Name;
        string unit = instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        return name.Replace('.', '_') + unit + (IsCounter(instrument) ? "_total" : "");
    }

    /// <summary>Its type in the exposition format.</summary>
    public static string TypeOf(Instrument instrument) => IsCounter(instrument) ? "counter" : IsHistogram(instrument) ? "histogram" : "gauge";

    public static bool IsHistogram(Instrument instrument) => instrument is Histogram<double>;

    private static bool IsCounter(Instrument instrument) =>
        instrument is Counter<long> or Counter<double> or ObservableCounter<long> or ObservableCounter<double>;
}
