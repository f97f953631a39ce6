using System.Collections.Immutable;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using SubSpec.Core;
using SubSpec.Server.Http.Chat;
using SubSpec.Server.Http.Completions;
using SubSpec.Server.Http.Errors;
using SubSpec.Server.Http.Generating;
using SubSpec.Server.Http.Health;
using SubSpec.Server.Http.Loading;
using SubSpec.Server.Http.Logging;
using SubSpec.Server.Http.Models;
using SubSpec.Server.Http.OpenApi;
using SubSpec.Server.Http.Security;
using SubSpec.Server.Metrics;
using SubSpec.Server.Page;

namespace SubSpec.Server.Http;

/// <summary>The long-running service: a model behind OpenAI's API. It listens at once and loads meanwhile. Disposing it unloads the model.</summary>
public sealed class SubSpecService : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ModelHost _models;

    private SubSpecService(WebApplication app)
    {
        _app = app;
        _models = app.Services.GetRequiredService<ModelHost>();
    }

    /// <summary>Where it listens, ports that the system chose included. Known once it is started.</summary>
    public ImmutableArray<string> Urls => [.. _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses];

    public IServiceProvider Services => _app.Services;

    /// <summary>Puts a service together.</summary>
    /// <param name="model">What to load; its <see cref="HostOptions.Waiting"/> follows from <see cref="ServeOptions.Queue"/>.</param>
    /// <param name="configure">Adds to the services, or replaces some.</param>
    /// <exception cref="BadInputException">The options cannot be served, or not safely; or the model's defaults cannot be read.</exception>
    public static SubSpecService Create(ServeOptions options, HostOptions model, IInferenceHostFactory hosts, Action<IServiceCollection>? configure = null)
    {
        options.Validate();
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(KestrelLimits.Apply).UseUrls([.. options.Urls]);
        builder.Logging.AddServiceLog(options.JsonLog);
        builder.Services
            .AddRoutingCore()
            // Signals belong to whoever runs the service.
            .AddSingleton<IHostLifetime, NoLifetime>()
            .Configure<Microsoft.Extensions.Hosting.HostOptions>(host => host.ShutdownTimeout = options.Drain)
            .AddSingleton(new ApiKeys(options.ApiKeys))
            .AddSingleton(new AllowedSites(options.AllowedHosts, options.AllowedOrigins))
            .AddServing(_ => new Serving(model, options.Queue, options.IdleUnload, options.Limits, hosts))
            .AddSingleton<GenerationHandler>()
            .AddServiceDocument();
        if (!options.AllowedOrigins.IsEmpty) builder.Services.AddCors(cors => cors.AddDefaultPolicy(policy => policy.WithOrigins([.. options.AllowedOrigins]).AllowAnyHeader().AllowAnyMethod()));
        configure?.Invoke(builder.Services);

        WebApplication app = builder.Build();
        app.UseMiddleware<RequestIdMiddleware>();
        app.UseMiddleware<ErrorMiddleware>();
        app.UseMiddleware<SiteMiddleware>();
        app.UseMiddleware<HeadMiddleware>();
        app.UseRouting();
        if (!options.AllowedOrigins.IsEmpty) app.UseCors();
        app.UseMiddleware<ApiKeyMiddleware>();
        // Read now, while whoever starts the service can be told.
        _ = app.Services.GetRequiredService<ServiceModel>();
        MapAll(app);
        return new SubSpecService(app);
    }

    /// <summary>Listens, and begins to load.</summary>
    /// <returns>A task that ends when the model is loaded, in the error where it cannot be.</returns>
    /// <exception cref="BadInputException">An address cannot be listened on.</exception>
    public async Task<Task> StartAsync(CancellationToken cancel)
    {
        try
        {
            await _app.StartAsync(cancel);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            throw new BadInputException($"cannot listen ({e.Message.TrimEnd('.')}): give another address with --urls", e);
        }
        return _models.StartAsync();
    }

    /// <summary>Stops listening, waits for the requests that are under way, up to the deadline, and then cancels them.</summary>
    public Task StopAsync() => _app.StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _models.DisposeAsync();
        await _app.DisposeAsync();
    }

    private static void MapAll(WebApplication app)
    {
        app.MapGeneration("/v1/chat/completions", new ChatApi());
        app.MapGeneration("/v1/completions", new CompletionApi());
        app.MapModels();
        app.MapHealth();
        app.MapServiceDocument();
        MetricsEndpoint.Map(app);
        PageEndpoints.Map(app);
    }
}
