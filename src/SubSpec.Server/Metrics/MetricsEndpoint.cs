namespace SubSpec.Server.Metrics;

/// <summary><c>/metrics</c> in the Prometheus text format.</summary>
internal static class MetricsEndpoint
{
    /// <summary>Two scrapers that come at once share a reading.</summary>
    private static readonly TimeSpan Shared = TimeSpan.FromMilliseconds(100);

    public static void Map(IEndpointRouteBuilder routes)
    {
        // Made at once: others may listen to the meter from the start.
        _ = routes.ServiceProvider.GetRequiredService<SubSpecMeter>();
        routes.MapGet("/metrics", WriteAsync).ExcludeFromDescription();
    }

    private static async Task WriteAsync(HttpContext http, EngineReader engine, SubSpecMeter meter)
    {
        await engine.ReadAsync(Shared, http.RequestAborted);
        http.Response.ContentType = PrometheusText.ContentType;
        http.Response.Headers.CacheControl = "no-store";
        await http.Response.WriteAsync(meter.Text.Write(), http.RequestAborted);
    }
}
