using Microsoft.Extensions.DependencyInjection;
using SubSpec.Core.Schedules;
using SubSpec.Server.Http;
using SubSpec.Text;

namespace SubSpec.Server.Tests.Http.Support;

/// <summary>Services for tests.</summary>
internal static class TestServices
{
    public const string LocalPort = "http://127.0.0.1:0";

    public static HostOptions Demo { get; } = new()
    {
        ModelPath = DemoEngines.Folder,
        ModelName = "demo",
        IsDemo = true,
        CacheFolder = Path.Combine(Path.GetTempPath(), "subspec-test-cache"),
        Schedule = "shared",
        Shape = DraftDefaults.Shape,
        LargestShape = DraftDefaults.Shape,
        Schedules = ScheduleCatalog.BuiltIn,
    };

    public static HuggingFaceTokenizer Codec { get; } = HuggingFaceTokenizer.Load(DemoEngines.Folder);

    /// <summary>Starts a service over a fake model, and waits until that is there.</summary>
    public static async Task<RunningService> StartAsync(FakeModel model, ServeOptions? options = null, int sessions = 2, Action<IServiceCollection>? configure = null)
    {
        RunningService service = await ListenAsync(model, options, sessions, configure);
        await service.Loaded;
        return service;
    }

    /// <summary>Starts a service, and does not wait.</summary>
    public static async Task<RunningService> ListenAsync(IInferenceHostFactory hosts, ServeOptions? options = null, int sessions = 2, Action<IServiceCollection>? configure = null)
    {
        SubSpecService service = SubSpecService.Create((options ?? new ServeOptions()) with { Urls = [LocalPort] }, Demo with { Sessions = sessions }, hosts, configure);
        return new RunningService(service, await service.StartAsync(CancellationToken.None));
    }
}
