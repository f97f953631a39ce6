using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SubSpec.Actors.Client;
using SubSpec.Actors.Hosting;
using SubSpec.Actors.Tests.Fakes;
using SubSpec.Core;
using SubSpec.Core.Generation;
using SubSpec.Core.Schedules;
using SubSpec.Core.Trees;

namespace SubSpec.Actors.Tests.Hosting;

public class WithSubSpecTests
{
    private readonly FakeEngine _engine = new(new FakeEngineOptions());

    [Fact]
    public async Task A_host_with_the_actors_generates_and_disposes_the_engine_at_its_end()
    {
        await using ServiceProvider services = new ServiceCollection()
            .AddLogging()
            .AddSingleton<IHostApplicationLifetime, Lifetime>()
            .AddAkka("host", b => b.WithSubSpec(Options()))
            .BuildServiceProvider();
        IHostedService host = Assert.Single(services.GetServices<IHostedService>());
        await host.StartAsync(default);
        var system = services.GetRequiredService<ActorSystem>();
        InferenceClient client = InferenceClient.For(system);
        List<int> tokens = [];

        await foreach (GenerationEvent e in client.GenerateAsync(new GenerationRequest { Prompt = new Prompt.Text("hello"), MaxTokens = 12 }))
            if (e is TextDelta delta) tokens.AddRange(delta.TokenIds);

        Assert.Equal(new ToyModel().Generate([.. "hello".Select(c => c - ' ')], 12), tokens);
        Assert.Equal("OFF", system.Settings.StdoutLogLevel);
        Assert.DoesNotContain(system.Settings.Loggers, l => l.Contains("DefaultLogger", StringComparison.Ordinal));
        await host.StopAsync(default);
        Assert.True(_engine.IsDisposed);
        await Assert.ThrowsAsync<EngineFailedException>(() => client.GetLoadAsync());
        await Assert.ThrowsAsync<EngineFailedException>(async () => await client.GenerateAsync(new GenerationRequest { Prompt = new Prompt.Text("x"), MaxTokens = 1 }).FirstAsync());
    }

    [Fact]
    public void Options_out_of_range_are_refused_by_name()
    {
        Refused("MaxSessions", Options() with { MaxSessions = 0 });
        Refused("MaxWaiting", Options() with { MaxWaiting = -1 });
        Refused("Tokenizers", Options() with { Tokenizers = 0 });
        Refused("TreeRows", Options() with { TreeRows = 0 });

        static void Refused(string name, SubSpecActorOptions options)
        {
            Assert.Contains(name, Assert.Throws<BadInputException>(options.Validate).Message, StringComparison.Ordinal);
        }
    }

    private SubSpecActorOptions Options() => new()
    {
        Engine = () => _engine,
        Codec = new FakeCodec(),
        Schedule = ScheduleCatalog.BuiltIn.Create("prefetch", new ScheduleSettings(new DraftShape(4, 1, 0, 5), 8)),
        TreeRows = 5,
    };

    private sealed class Lifetime : IHostApplicationLifetime
    {
        public CancellationToken ApplicationStarted => default;

        public CancellationToken ApplicationStopping => default;

        public CancellationToken ApplicationStopped => default;

        public void StopApplication()
        {
        }
    }
}
