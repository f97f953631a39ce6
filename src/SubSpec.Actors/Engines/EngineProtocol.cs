using Akka.Actor;
using SubSpec.Core.Engine;

namespace SubSpec.Actors.Engines;

/// <summary>Numbers the builds of an engine. Replies carry it, so that none of a former build is taken for one of now.</summary>
internal readonly record struct EngineEpoch(long Value)
{
    public override string ToString() => $"engine{Value}";
}

/// <summary>The actors of one build of the engine.</summary>
internal sealed record EngineParts(IActorRef Kv, IActorRef Draft, IActorRef Verify, IActorRef Stream);

/// <summary>Scheduler to engine, when it starts: build, and tell me.</summary>
internal sealed record SchedulerStarted;

/// <summary>Engine to scheduler: its supervisor was replaced and knows nobody; introduce yourself.</summary>
internal sealed record SupervisorRestarted;

/// <summary>Scheduler to engine: there is work, and no engine.</summary>
internal sealed record WakeEngine;

/// <summary>Scheduler to engine: this build has chosen its first tokens.</summary>
internal sealed record EngineProgressed(EngineEpoch Epoch);

/// <summary>Host to engine, engine to scheduler: this build can work.</summary>
internal sealed record EngineReady(EngineEpoch Epoch, EngineParts Parts, ModelLimits Limits, int KvSlots);

/// <summary>Engine to itself: a part of this build failed.</summary>
internal sealed record PartFailed(EngineEpoch Epoch, Exception Error);

/// <summary>Engine to scheduler: this build is over; another one is being made.</summary>
internal sealed record EngineLost(EngineEpoch Epoch, Exception Error);

/// <summary>Engine to scheduler: the waiting sequences cannot be served.</summary>
/// <param name="Final">True: no later one can be served either.</param>
internal sealed record EngineFailed(Exception Error, bool Final);

/// <summary>A part dropped a message of something that was over.</summary>
internal sealed record StaleDropped(EngineEpoch Epoch, string Message);

/// <summary>Asks to be told (<see cref="EngineReady"/>, or a failure status) once the engine can work or cannot.</summary>
internal sealed record AwaitEngine;

internal sealed record GetEngineLoad;
