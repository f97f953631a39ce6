using SubSpec.Core.Timeline;
using SubSpec.Server.Http.Observing;
using SubSpec.Server.Page;

namespace SubSpec.Server.Metrics;

/// <summary>What a service needs to be watched: meter, traces, and the page's feed.</summary>
internal static class Observability
{
    /// <param name="ring">The timeline that the model's host is loaded with.</param>
    /// <param name="schedules">The schedule that the model's host is loaded with.</param>
    public static IServiceCollection AddObservability(this IServiceCollection services, TimelineRing ring, ScheduleSwitch schedules) => services
        .AddMetrics()
        .AddSingleton(ring)
        .AddSingleton(schedules)
        .AddSingleton<EngineReader>()
        .AddSingleton<LiveFeed>()
        .AddSingleton<SubSpecMeter>()
        .AddSingleton<RequestTraces>()
        .AddSingleton<IRequestObserver>(s => s.GetRequiredService<SubSpecMeter>())
        .AddSingleton<IRequestObserver>(s => s.GetRequiredService<RequestTraces>());
}
