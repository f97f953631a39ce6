using Microsoft.Extensions.DependencyInjection.Extensions;
using SubSpec.Core.Timeline;
using SubSpec.Server.Http.Loading;
using SubSpec.Server.Http.Tools;
using SubSpec.Server.Metrics;
using SubSpec.Server.Page;

namespace SubSpec.Server.Http.Generating;

/// <summary>What is served, and to how many.</summary>
/// <param name="Model">What to load; its <see cref="HostOptions.Waiting"/> follows from <paramref name="Queue"/>.</param>
/// <param name="Queue">Sequences that may wait for others.</param>
/// <param name="IdleUnload">Time without requests after which the model is unloaded; null for never.</param>
internal sealed record Serving(HostOptions Model, int Queue, TimeSpan? IdleUnload, ServeLimits Limits, IInferenceHostFactory Hosts);

/// <summary>Everything between a request that was read and its answer: the model's host, the gate before it, and what watches them.</summary>
internal static class ServingServices
{
    public static IServiceCollection AddServing(this IServiceCollection services, Func<IServiceProvider, Serving> serving)
    {
        services.TryAddSingleton(TimeProvider.System);
        return services
            .AddSingleton(serving)
            .AddSingleton(s => s.GetRequiredService<Serving>().Limits)
            .AddSingleton(s => Name(s.GetRequiredService<Serving>()))
            .AddSingleton(s => new RequestGate(s.GetRequiredService<Serving>().Model.Sessions, s.GetRequiredService<Serving>().Queue, s.GetRequiredService<TimeProvider>()))
            .AddSingleton(s => new ScheduleSwitch(s.GetRequiredService<Serving>().Model))
            .AddSingleton(Loader)
            .AddSingleton(s => new ModelHost(
                s.GetRequiredService<ServiceModel>().Name, s.GetRequiredService<ModelLoader>(), s.GetRequiredService<Serving>().IdleUnload,
                s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<ModelHost>>()))
            .AddSingleton<IModelHost>(s => s.GetRequiredService<ModelHost>())
            .AddSingleton<PromptEncoder>()
            .AddSingleton<ToolFormats>()
            .AddSingleton<Generator>()
            .AddSingleton<RequestJournal>()
            .AddObservability();
    }

    private static ServiceModel Name(Serving serving) => new(serving.Model.ModelName, serving.Hosts.GenerationDefaults(serving.Model.ModelPath));

    private static ModelLoader Loader(IServiceProvider services)
    {
        Serving serving = services.GetRequiredService<Serving>();
        ScheduleSwitch schedules = services.GetRequiredService<ScheduleSwitch>();
        // The gate bounds what comes in; the engine hears of an answer's end a little later, so it has room to spare.
        HostOptions options = serving.Model with { Waiting = serving.Queue + serving.Model.Sessions, Timeline = services.GetRequiredService<TimelineRing>() };
        return (progress, cancel) => serving.Hosts.StartAsync(schedules.Apply(options), progress, cancel);
    }
}
