using SubSpec.Core.Timeline;
using SubSpec.Server.Http.Observing;
using SubSpec.Server.Page;

namespace SubSpec.Server.Metrics;

/// <summary>What a service needs to be watched: meter, traces, and the page's feed.</summary>
internal static class Observability
{
    public static IServiceCollection AddObservability(this IServiceCollection services) => services
        .AddMetrics()
        .AddSingleton(_ => new TimelineRing(TimeProvider.System))
        .AddSingleton<EngineReader>()
        .AddSingleton<LiveFeed>()
        .AddSingleton<SubSpecMeter>()
        .AddSingleton<RequestTraces>()
        .AddSingleton<IRequestObserver>(s => s.GetRequiredService<SubSpecMeter>())
        .AddSingleton<IRequestObserver>(s => s.GetRequiredService<RequestTraces>());
}
