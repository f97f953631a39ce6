using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SubSpec.Actors.Client;
using SubSpec.Actors.Engines;
using SubSpec.Actors.Hosting;
using SubSpec.Core.Engine;
using SubSpec.Core.Generation;
using SubSpec.Core.Text;
using SubSpec.Core.Trees;
using SubSpec.Torch.Cuda;
using SubSpec.Torch.Engine;

namespace SubSpec.Server;

/// <summary>The composition of one device's service: model assets, engine, tokenizer and actors. Disposing it ends all of them, in this order: actors, engine, assets.</summary>
internal sealed class InferenceHost : IInferenceHost
{
    private readonly IHost _host;
    private readonly ModelAssets _assets;
    private readonly InferenceClient _client;
    private readonly HostOptions _options;
    private readonly Func<long> _peak;

    private InferenceHost(IHost host, ModelAssets assets, InferenceClient client, HostOptions options, ITextCodec codec, ModelLimits limits, HostInfo info, Func<long> peak) =>
        (_host, _assets, _client, _options, Codec, Limits, Info, _peak) = (host, assets, client, options, codec, limits, info, peak);

    public HostInfo Info { get; }

    public ITextCodec Codec { get; }

    public ModelLimits Limits { get; }

    public long PeakFastTierBytes => _peak();

    /// <summary>Starts the actors while the assets are loaded, and waits until the engine is built over them and probed. The caller disposes the assets where this throws.</summary>
    /// <param name="progress">Told how far the first engine is.</param>
    public static Task<InferenceHost> StartAsync(
        EngineBlueprint blueprint, Task<ModelAssets> loading, ITextCodec codec, HostOptions options, Func<IDeviceEngine, HostInfo> describe, CancellationToken cancel, Func<IEngine, IEngine>? decorate = null,
        CudaDevice? device = null, IProgress<BuildProgress>? progress = null)
    {
        IDeviceEngine Engine(CancellationToken starting)
        {
            ModelAssets assets = loading.GetAwaiter().GetResult();
            IDeviceEngine engine = device is null ? new CpuEngine(blueprint, assets, starting) : new CudaEngine(device, blueprint, assets, progress, starting);
            // An engine that is built anew is not part of the start.
            progress = null;
            return engine;
        }

        return StartAsync(Engine, blueprint.Options.TreeRows, loading, codec, options, describe, cancel, decorate);
    }

    /// <param name="build">Builds the engine, again after each failure; its token gives the first build up.</param>
    /// <param name="decorate">Put around each engine that is built; null for nothing.</param>
    internal static async Task<InferenceHost> StartAsync(
        Func<CancellationToken, IDeviceEngine> build, int treeRows, Task<ModelAssets> loading, ITextCodec codec, HostOptions options, Func<IDeviceEngine, HostInfo> describe, CancellationToken cancel,
        Func<IEngine, IEngine>? decorate = null)
    {
        HostInfo? info = null;
        IDeviceEngine? latest = null;
        IEngine Build()
        {
            IDeviceEngine engine = latest = build(info is null ? cancel : CancellationToken.None);
            info ??= describe(engine);
            return decorate?.Invoke(engine) ?? engine;
        }

        var actorOptions = new SubSpecActorOptions
        {
            Engine = Build,
            Codec = codec,
            Schedule = options.Schedules.Create(options.Schedule, options.SettingsFor(options.Shape)),
            TreeRows = treeRows,
            MaxSessions = options.Sessions,
            MaxWaiting = options.Waiting,
            Timeline = options.Timeline,
        };
        var builder = new HostBuilder();
        builder.ConfigureServices(services => services
            // Ctrl-C belongs to the command line: the host's console lifetime would stop the actors under it.
            .AddSingleton<IHostLifetime, NoLifetime>()
            .AddAkka("subspec", akka => akka.WithSubSpec(actorOptions)));
        IHost host = builder.Build();
        try
        {
            await host.StartAsync(cancel).ConfigureAwait(false);
            // Its error says more than that of an engine that could not be built.
            ModelAssets assets = await loading.ConfigureAwait(false);
            InferenceClient client = InferenceClient.For(host.Services.GetRequiredService<ActorSystem>());
            ModelLimits limits = await client.WaitForEngineAsync(cancel).ConfigureAwait(false);
            return new InferenceHost(host, assets, client, options, codec, limits, info!, () => latest!.PeakFastTierBytes);
        }
        catch
        {
            await StopAsync(host).ConfigureAwait(false);
            throw;
        }
    }

    public async IAsyncEnumerable<GenerationEvent> GenerateAsync(GenerationRequest request, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (GenerationEvent happened in _client.GenerateAsync(request, cancel).ConfigureAwait(false)) yield return happened;
        cancel.ThrowIfCancellationRequested();
    }

    public Task UseScheduleAsync(string schedule, DraftShape shape, CancellationToken cancel) =>
        _client.UseScheduleAsync(_options.Schedules.Create(schedule, _options.SettingsFor(shape)), cancel);

    public async Task<EngineTotals> GetTotalsAsync(CancellationToken cancel) => (await GetLoadAsync(cancel).ConfigureAwait(false)).Totals;

    public Task<EngineLoad> GetLoadAsync(CancellationToken cancel) => _client.GetLoadAsync(cancel);

    public async ValueTask DisposeAsync()
    {
        await StopAsync(_host).ConfigureAwait(false);
        _assets.Dispose();
    }

    private static async Task StopAsync(IHost host)
    {
        // The host gives up waiting after some seconds, but a layer on the compute thread may take longer, and the engine must let go
        // of the assets' memory before it is freed.
        ActorSystem? system = host.Services.GetService<ActorSystem>();
        await host.StopAsync(CancellationToken.None).ConfigureAwait(false);
        if (system is not null) await system.WhenTerminated.ConfigureAwait(false);
        host.Dispose();
    }
}
