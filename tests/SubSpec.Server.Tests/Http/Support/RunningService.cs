using Microsoft.Extensions.DependencyInjection;
using SubSpec.Server.Http;

namespace SubSpec.Server.Tests.Http.Support;

/// <summary>A service of one test.</summary>
internal sealed class RunningService(SubSpecService service, Task loaded) : IAsyncDisposable
{
    public ApiClient Api { get; } = new(new Uri(service.Urls[0]));

    /// <summary>Ends when the model is loaded.</summary>
    public Task Loaded => loaded;

    public T Get<T>()
        where T : notnull => service.Services.GetRequiredService<T>();

    public Task StopAsync() => service.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await service.StopAsync();
        await service.DisposeAsync();
    }
}
