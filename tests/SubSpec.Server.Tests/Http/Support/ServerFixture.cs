using Microsoft.Extensions.DependencyInjection;
using SubSpec.Actors.Engines;
using SubSpec.Server.Http;
using SubSpec.Server.Http.Loading;

namespace SubSpec.Server.Tests.Http.Support;

/// <summary>The service over the real demo model, on a port of its own. Tests of this collection share it: loading is paid once.</summary>
[CollectionDefinition(nameof(ServerFixture))]
public sealed class ServerFixture : ICollectionFixture<ServerFixture>, IAsyncLifetime
{
    public const int Sessions = 4;

    public const int Queue = 8;

    // What hangs is an error; nothing here takes a fraction of this.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly SubSpecService _service = SubSpecService.Create(
        new ServeOptions { Urls = ["http://127.0.0.1:0"], Queue = Queue }, TestServices.Demo with { Sessions = Sessions }, new InferenceHostFactory());

    internal ApiClient Api { get; private set; } = null!;

    internal Uri Address => new(_service.Urls[0]);

    internal IInferenceHost Host => _service.Services.GetRequiredService<IModelHost>().Current!;

    public async Task InitializeAsync()
    {
        Task loaded = await _service.StartAsync(CancellationToken.None);
        await loaded.WaitAsync(Patience);
        Api = new ApiClient(Address);
    }

    public async Task DisposeAsync()
    {
        Api.Dispose();
        await _service.StopAsync();
        await _service.DisposeAsync();
    }

    /// <summary>Waits until nothing runs, and says how the engine stands then.</summary>
    internal async Task<EngineLoad> RestAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            EngineLoad load = await Host.GetLoadAsync(patience.Token);
            if (load is { Running: 0, Waiting: 0, KvCommitted: 0 }) return load;
            await Task.Yield();
        }
    }
}
