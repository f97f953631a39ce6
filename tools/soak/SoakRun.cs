using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SubSpec.Actors.Engines;
using SubSpec.Core.Schedules;
using SubSpec.Core.Trees;
using SubSpec.Server;
using SubSpec.Server.Http;
using SubSpec.Server.Http.Generating;
using SubSpec.Server.Http.Loading;
using SubSpec.Torch.Memory;

namespace SubSpec.Soak;

/// <summary>Serves, lets the clients ask, and looks at what is left.</summary>
internal static class SoakRun
{
    private const int Sessions = 4;
    private const int Queue = 60;

    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(30);

    public static async Task<SoakResult> RunAsync(SoakOptions options, CancellationToken stop)
    {
        long start = Stopwatch.GetTimestamp(), native = NativeBuffer.LiveBytes;
        var (failure, tally, watch) = (new InjectedFailure(), new Tally(), new MemoryWatch());
        SubSpecService service = SubSpecService.Create(
            new ServeOptions { Urls = ["http://127.0.0.1:0"], Queue = Queue, Drain = TimeSpan.FromSeconds(5) }, Model(options), new InferenceHostFactory { Decorate = failure.Around }, s => s.AddLogging(l => l.ClearProviders()));
        long loaded, rested;
        EngineLoad load;
        int taken;
        await using (service)
        {
            await await service.StartAsync(stop);
            IInferenceHost host = service.Services.GetRequiredService<IModelHost>().Current!;
            RequestGate gate = service.Services.GetRequiredService<RequestGate>();
            loaded = NativeBuffer.LiveBytes;
            using var http = new HttpClient { BaseAddress = new Uri(service.Urls[0]), Timeout = TimeSpan.FromMinutes(10) };
            using (var end = CancellationTokenSource.CreateLinkedTokenSource(stop))
            {
                Task[] clients = [.. Enumerable.Range(0, options.Clients).Select(i => new Client(http, tally, i, options.Seed).RunAsync(end.Token))];
                await watch.RunAsync(TimeSpan.FromMinutes(options.Minutes), done => OnProgress(done, tally, failure), end.Token);
                await end.CancelAsync();
                await Task.WhenAll(clients);
            }
            (load, taken) = await RestAsync(host, gate);
            rested = NativeBuffer.LiveBytes;
        }
        return new SoakResult(options, Stopwatch.GetElapsedTime(start).TotalSeconds, tally, watch, failure, load, taken, loaded, rested, NativeBuffer.LiveBytes - native);
    }

    private static HostOptions Model(SoakOptions options) => new()
    {
        ModelPath = options.Model,
        ModelName = Path.GetFileName(Path.TrimEndingDirectorySeparator(options.Model)),
        IsDemo = true,
        Context = 512,
        Sessions = Sessions,
        Schedule = ScheduleCatalog.Default,
        Shape = Shape,
        LinkBandwidth = options.LinkBandwidth,
        LargestShape = Shape,
    };

    private static DraftShape Shape { get; } =
        DraftDefaults.ShapeOf(ScheduleCatalog.BuiltIn, ScheduleCatalog.Default, new Dictionary<string, double>(), HostOptions.DefaultRows);

    private static void OnProgress(double done, Tally tally, InjectedFailure failure)
    {
        if (done >= 0.5 && failure is { Happened: false, Builds: 1 }) failure.Arm();
        if (!Console.IsErrorRedirected) Console.Error.Write($"\r{done:P0}, {tally.Rows.Values.Sum(r => r.Requests)} requests, {tally.Wrong} wrong \e[K");
    }

    /// <summary>What is left when nobody asks any more: waits until that is nothing, and not for ever.</summary>
    private static async Task<(EngineLoad Load, int Taken)> RestAsync(IInferenceHost host, RequestGate gate)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            EngineLoad load = await host.GetLoadAsync(CancellationToken.None);
            if (SoakResult.IsBalanced(load, gate.Taken) || Stopwatch.GetElapsedTime(start) > Rest) return (load, gate.Taken);
            await Task.Delay(10);
        }
    }
}
