using Akka.Actor;
using SubSpec.Actors.Engines;
using SubSpec.Core;
using SubSpec.Core.Engine;

namespace SubSpec.Actors.Streaming;

/// <summary>Engine to stream, once: who consumes the layers.</summary>
internal sealed record ConnectVerify(IActorRef Verify);

/// <summary>Lets the ring run up to the end of this pass; passes before it that were not streamed yet come first. Saying it again changes nothing.</summary>
internal sealed record StreamPass(PassId Pass);

/// <summary>The slot holds the layer until <see cref="LayerConsumed"/>.</summary>
internal sealed record LayerReady(PassId Pass, int Layer, int Slot);

/// <summary>Verify to stream: the slot is free again. This is the credit for the next read.</summary>
internal sealed record LayerConsumed(PassId Pass, int Layer, int Slot);

/// <summary>Verify to stream: the pass needs no more layers; what it holds is free once its reads have ended.</summary>
internal sealed record AbortPass(PassId Pass);

/// <summary>No <see cref="LayerReady"/> of the pass comes after this.</summary>
internal sealed record PassAborted(PassId Pass);

/// <summary>Stream to itself, from the link's thread.</summary>
/// <param name="At">When it ended, for the timeline.</param>
internal sealed record ReadEnded(LayerRead Read, long At);

/// <summary>Stream to engine: a layer could not be read, retries included.</summary>
internal sealed record LinkFailed(EngineEpoch Epoch, int Layer, Exception Error);
