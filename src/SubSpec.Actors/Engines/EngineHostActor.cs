using Akka.Actor;
using SubSpec.Actors.Drafting;
using SubSpec.Actors.Hosting;
using SubSpec.Actors.Kv;
using SubSpec.Actors.Streaming;
using SubSpec.Actors.Verifying;
using SubSpec.Core.Engine;
using SubSpec.Core.Timeline;

namespace SubSpec.Actors.Engines;

/// <summary>
/// Owns one build of the engine, on the compute thread: builds it, starts the actors that use it, and disposes it after the last
/// of them has ended, when no handler can be running. A part that fails ends the whole build.
/// </summary>
internal sealed class EngineHostActor(EngineEpoch epoch, Func<IEngine> build, TimeSpan sessionIdle, TimeProvider time, ITimeline timeline, IActorRef scheduler) : UntypedActor
{
    private IEngine? _engine;

    private sealed record Build;

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Escalate);

    protected override void PreStart() => Self.Tell(new Build());

    protected override void PostStop() => _engine?.Dispose();

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Build when _engine is null:
                _engine = build();
                Check(_engine);
                Context.Parent.Tell(new EngineReady(epoch, Start(_engine), _engine.Limits, _engine.Kv.SlotCount));
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private static void Check(IEngine engine)
    {
        int[] offloaded = [.. Enumerable.Range(0, engine.Target.LayerCount).Where(engine.Target.IsOffloaded)];
        if (!offloaded.SequenceEqual(engine.Link.OffloadedLayers)) throw new InvalidOperationException("target and link disagree about the offloaded layers");
        if (offloaded.Length > 0 && engine.Link.SlotCount < 1) throw new InvalidOperationException("the weight ring has no slot");
    }

    private EngineParts Start(IEngine engine)
    {
        IActorRef parent = Context.Parent;
        var meter = new ComputeMeter(time, timeline);
        IActorRef kv = Context.ActorOf(Props.Create(() => new KvCacheActor(epoch, engine.Kv.SlotCount, sessionIdle, time)), "kv");
        IActorRef draft = Context.ActorOf(
            Props.Create(() => new DraftActor(epoch, engine.Draft, engine.Link, meter, scheduler)).WithDispatcher(Dispatchers.Compute), "draft");
        IActorRef stream = Context.ActorOf(
            Props.Create(() => new WeightStreamActor(epoch, engine.Link, timeline, parent, scheduler)).WithDispatcher(Dispatchers.Stream), "stream");
        IActorRef verify = Context.ActorOf(
            Props.Create(() => new VerifyActor(epoch, engine, meter, draft, stream, scheduler)).WithDispatcher(Dispatchers.Compute), "verify");
        stream.Tell(new ConnectVerify(verify));
        return new EngineParts(kv, draft, verify, stream);
    }
}
