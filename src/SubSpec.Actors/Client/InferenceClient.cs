using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Hosting;
using SubSpec.Actors.Engines;
using SubSpec.Actors.Scheduling;
using SubSpec.Actors.Sessions;
using SubSpec.Core.Engine;
using SubSpec.Core.Generation;
using SubSpec.Core.Schedules;

namespace SubSpec.Actors.Client;

/// <summary>The way in for everything outside the actors. Thread-safe; one serves any number of requests.</summary>
public sealed class InferenceClient
{
    /// <summary>Deltas under way to a reader; what is more is joined into one in the session.</summary>
    internal const int Window = 16;

    private readonly ActorSystem _system;
    private readonly IActorRef _router;
    private readonly IActorRef _engine;
    private readonly IActorRef _scheduler;

    internal InferenceClient(ActorSystem system, IActorRef router, IActorRef engine, IActorRef scheduler) =>
        (_system, _router, _engine, _scheduler) = (system, router, engine, scheduler);

    /// <summary>The client of a system that <c>WithSubSpec</c> has set up.</summary>
    public static InferenceClient For(ActorSystem system)
    {
        ActorRegistry registry = ActorRegistry.For(system);
        return new InferenceClient(system, registry.Get<SessionRouter>(), registry.Get<EngineActor>(), registry.Get<SchedulerActor>());
    }

    /// <summary>
    /// Generates: <see cref="TextDelta"/>s as they come, then <see cref="Completed"/>. A reader that stops reading early cancels the
    /// request; a cancelled token ends it at the next layer with a <see cref="Completed"/> of what there is by then.
    /// </summary>
    /// <exception cref="Core.BadInputException">The request cannot be used.</exception>
    /// <exception cref="RequestRejectedException">Too many requests in all, or too many of one session.</exception>
    /// <exception cref="EngineFailedException">The engine failed and could not be rebuilt, or the service is stopping.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled before the request began.</exception>
    public async IAsyncEnumerable<GenerationEvent> GenerateAsync(
        GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        request.Validate();
        cancellationToken.ThrowIfCancellationRequested();
        RequestId id = RequestId.New();
        // Room for the window, the last delta and the result: a session never sends more.
        var channel = Channel.CreateBounded<GenerationEvent>(Window + 2);
        EngineFailedException lost = Stopping();
        IActorRef edge = StartEdge(channel.Writer, lost);
        bool over = false;
        try
        {
            _router.Tell(new SubmitPrompt(id, request, edge, Window));
            using CancellationTokenRegistration registration = cancellationToken.Register(() => _router.Tell(new CancelRequest(id)));
            while (await Arrives(channel.Reader).ConfigureAwait(false) && channel.Reader.TryRead(out GenerationEvent? next))
            {
                if (next is TextDelta) _router.Tell(new DeltasRead(id, 1));
                over = next is Completed;
                yield return next;
            }
        }
        finally
        {
            if (!over) _router.Tell(new CancelRequest(id));
            _system.Stop(edge);
        }

        // What ends the channel with an error has ended the session as well, unless the error is that the channel was cut off.
        async ValueTask<bool> Arrives(ChannelReader<GenerationEvent> reader)
        {
            try
            {
                return await reader.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                over = e != lost;
                throw;
            }
        }
    }

    /// <summary>The engine's load and totals, and how many requests wait before it.</summary>
    /// <exception cref="EngineFailedException">The service is stopping.</exception>
    public async Task<EngineLoad> GetLoadAsync(CancellationToken cancellationToken = default)
    {
        EngineLoad load = await Answer(_engine.Ask<EngineLoad>(new GetEngineLoad(), Timeout.InfiniteTimeSpan, cancellationToken)).ConfigureAwait(false);
        QueueLength queue = await Answer(_router.Ask<QueueLength>(new GetQueueLength(), Timeout.InfiniteTimeSpan, cancellationToken)).ConfigureAwait(false);
        return load with { Queued = queue.Requests };
    }

    /// <summary>Changes the schedule between two rounds; running requests go on under the new one.</summary>
    /// <exception cref="EngineFailedException">The service is stopping.</exception>
    public Task UseScheduleAsync(ISchedule schedule, CancellationToken cancellationToken = default) =>
        Answer(_scheduler.Ask<ScheduleInUse>(new UseSchedule(schedule), Timeout.InfiniteTimeSpan, cancellationToken));

    /// <summary>Waits until the engine is built.</summary>
    /// <exception cref="Core.BadInputException">The model cannot be used.</exception>
    /// <exception cref="EngineFailedException">It could not be built, or the service is stopping.</exception>
    public async Task<ModelLimits> WaitForEngineAsync(CancellationToken cancellationToken = default) =>
        (await Answer(_engine.Ask<EngineReady>(new AwaitEngine(), Timeout.InfiniteTimeSpan, cancellationToken)).ConfigureAwait(false)).Limits;

    private IActorRef StartEdge(ChannelWriter<GenerationEvent> writer, EngineFailedException lost)
    {
        try
        {
            return _system.ActorOf(Props.Create(() => new EdgeActor(writer, lost)));
        }
        catch (InvalidOperationException)
        {
            // So says a system that is terminating.
            throw lost;
        }
    }

    private static EngineFailedException Stopping() => new("the service is stopping");

    // A system that ends answers nothing.
    private async Task<T> Answer<T>(Task<T> asked) =>
        await Task.WhenAny(asked, _system.WhenTerminated).ConfigureAwait(false) == asked ? await asked.ConfigureAwait(false) : throw Stopping();
}
