using System.Diagnostics.Metrics;
using SubSpec.Server.Http.Observing;

namespace SubSpec.Server.Metrics;

/// <summary>The meter of a service, for OpenTelemetry and other listeners, and the text that Prometheus reads of it.</summary>
internal sealed class SubSpecMeter : IRequestObserver, IDisposable
{
    public const string MeterName = "SubSpec";

    private readonly Meter _meter;
    private readonly RequestInstruments _requests;

    public SubSpecMeter(IMeterFactory meters, EngineReader engine)
    {
        _meter = meters.Create(MeterName);
        Text = new PrometheusText(_meter);
        new EngineInstruments(_meter, () => engine.Last).Create();
        _requests = new RequestInstruments(_meter);
    }

    public PrometheusText Text { get; }

    public void Finished(RequestRecord record) => _requests.Finished(record);

    public void Dispose() => Text.Dispose();
}
