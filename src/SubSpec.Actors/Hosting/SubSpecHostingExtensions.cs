using Akka.Actor;
using Akka.Event;
using Akka.Hosting;
using Akka.Routing;
using SubSpec.Actors.Engines;
using SubSpec.Actors.Scheduling;
using SubSpec.Actors.Sessions;
using SubSpec.Actors.Tokenizing;

namespace SubSpec.Actors.Hosting;

/// <summary>Puts the service's actors into an actor system.</summary>
public static class SubSpecHostingExtensions
{
    /// <summary>
    /// Adds dispatchers, logging (warnings, to the host's loggers) and all actors. They are reached through
    /// <see cref="Client.InferenceClient.For"/>.
    /// </summary>
    public static AkkaConfigurationBuilder WithSubSpec(this AkkaConfigurationBuilder builder, SubSpecActorOptions options)
    {
        options.Validate();
        return builder
            .AddHocon(Dispatchers.Hocon, HoconAddMode.Prepend)
            .ConfigureLoggers(loggers =>
            {
                loggers.ClearLoggers();
                loggers.LogLevel = LogLevel.WarningLevel;
                loggers.AddLoggerFactory();
            })
            .WithActors((system, registry) => Start(system, registry, options));
    }

    /// <summary>Starts the actors in a system that has the dispatchers.</summary>
    internal static void Start(ActorSystem system, IActorRegistry registry, SubSpecActorOptions options)
    {
        (var epochs, var sequences) = (new IdSource(), new IdSource());
        IActorRef engine = system.ActorOf(Props.Create(() => new EngineActor(options.Engine, options.SessionIdle, options.Time, options.Timeline, epochs)), "engine");
        IActorRef scheduler = system.ActorOf(
            Props.Create(() => new SchedulerActor(options.Schedule, options.TreeRows, options.Time, options.Timeline, engine)), "scheduler");
        IActorRef tokenizers = system.ActorOf(
            Props.Create(() => new TokenizerActor(options.Codec, options.Timeline)).WithRouter(new RoundRobinPool(options.Tokenizers)), "tokenizers");
        var services = new SessionServices(tokenizers, scheduler, options.Codec, options.Time) { Timeline = options.Timeline };
        var limits = new SessionLimits(options.MaxSessions, options.MaxWaiting, options.MaxWaitingOfSession);
        IActorRef router = system.ActorOf(
            Props.Create(() => new SessionRouter(services, limits, sequences)), "sessions");
        registry.Register<EngineActor>(engine);
        registry.Register<SchedulerActor>(scheduler);
        registry.Register<SessionRouter>(router);
    }
}
