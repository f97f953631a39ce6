using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace SubSpec.Server.Metrics;

/// <summary>
/// Listens to one meter and writes what it has heard in the Prometheus text format 0.0.4
/// (prometheus.io/docs/instrumenting/exposition_formats). OpenTelemetry's exporter cannot write vLLM's names: its SDK drops
/// instruments whose names have a colon.
/// </summary>
internal sealed class PrometheusText : IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly Lock _lock = new();
    private readonly MeterListener _listener = new();
    private readonly SortedDictionary<string, Family> _families = new(StringComparer.Ordinal);

    public PrometheusText(Meter meter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (!ReferenceEquals(instrument.Meter, meter)) return;
            var family = new Family(instrument);
            lock (_lock) _families.Add(PrometheusName.Of(instrument), family);
            listener.EnableMeasurementEvents(instrument, family);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, state) => Heard(instrument, value, tags, (Family)state!));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, state) => Heard(instrument, value, tags, (Family)state!));
        _listener.Start();
    }

    /// <summary>Everything there is now.</summary>
    public string Write()
    {
        var text = new StringBuilder();
        lock (_lock)
        {
            // What is observable is heard anew: a series that has gone is not shown for ever.
            foreach (Family family in _families.Values.Where(f => f.Instrument.IsObservable)) family.Series.Clear();
            _listener.RecordObservableInstruments();
            foreach ((string name, Family family) in _families)
            {
                if (family.Series.Count == 0) continue;
                text.Append("# HELP ").Append(name).Append(' ').Append(Escaped(family.Instrument.Description ?? "", quote: false)).Append('\n');
                text.Append("# TYPE ").Append(name).Append(' ').Append(PrometheusName.TypeOf(family.Instrument)).Append('\n');
                foreach ((string labels, Series series) in family.Series) series.Write(text, name, labels);
            }
        }
        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();

    private void Heard(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, Family family)
    {
        string labels = LabelsOf(tags);
        lock (_lock)
        {
            if (!family.Series.TryGetValue(labels, out Series? series)) family.Series.Add(labels, series = new Series(family.Bounds));
            series.Hear(value, adds: !instrument.IsObservable);
        }
    }

    /// <summary><c>a="b",c="d"</c>; empty for none.</summary>
    private static string LabelsOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new StringBuilder();
        foreach ((string key, object? value) in tags)
        {
            if (labels.Length > 0) labels.Append(',');
            labels.Append(key.Replace('.', '_')).Append("=\"").Append(Escaped(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "", quote: true)).Append('"');
        }
        return labels.ToString();
    }

    private static string Escaped(string text, bool quote)
    {
        string escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return quote ? escaped.Replace("\"", "\\\"", StringComparison.Ordinal) : escaped;
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    /// <summary>All series of one name.</summary>
    private sealed class Family(Instrument instrument)
    {
        public Instrument Instrument { get; } = instrument;

        /// <summary>Upper ends of a histogram's buckets, ascending, without infinity; null for single numbers.</summary>
        public IReadOnlyList<double>? Bounds { get; } = instrument is Histogram<double> histogram ? histogram.Advice?.HistogramBucketBoundaries ?? [] : null;

        public SortedDictionary<string, Series> Series { get; } = new(StringComparer.Ordinal);
    }

    /// <summary>The numbers under one set of labels.</summary>
    private sealed class Series(IReadOnlyList<double>? bounds)
    {
        private readonly long[] _buckets = new long[(bounds?.Count ?? 0) + 1];
        private double _sum;

        public void Hear(double value, bool adds)
        {
            _sum = adds ? _sum + value : value;
            int bucket = 0;
            while (bounds is not null && bucket < bounds.Count && value > bounds[bucket]) bucket++;
            _buckets[bucket]++;
        }

        public void Write(StringBuilder text, string name, string labels)
        {
            if (bounds is null)
            {
                Line(text, name, labels, _sum);
                return;
            }
            long below = 0;
            string before = labels.Length == 0 ? "" : labels + ",";
            for (int i = 0; i < _buckets.Length; i++)
            {
                string bound = Number(i < bounds.Count ? bounds[i] : double.PositiveInfinity);
                Line(text, name + "_bucket", $"{before}le=\"{bound}\"", below += _buckets[i]);
            }
            Line(text, name + "_sum", labels, _sum);
            Line(text, name + "_count", labels, below);
        }

        private static void Line(StringBuilder text, string name, string labels, double value)
        {
            text.Append(name);
            if (labels.Length > 0) text.Append('{').Append(labels).Append('}');
            text.Append(' ').Append(Number(value)).Append('\n');
        }
    }
}
