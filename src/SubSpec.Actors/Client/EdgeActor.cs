using System.Threading.Channels;
using Akka.Actor;
using SubSpec.Actors.Sessions;
using SubSpec.Core.Generation;

namespace SubSpec.Actors.Client;

/// <summary>The subscriber of one request: puts what the session says into the reader's channel. Whoever reads it is outside the actors.</summary>
/// <param name="lost">What the reader gets when this actor ends before the session has.</param>
internal sealed class EdgeActor(ChannelWriter<GenerationEvent> writer, Exception lost) : UntypedActor
{
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case TextDelta m:
                Write(m);
                break;
            case Completed m:
                Write(m);
                End(null);
                break;
            case Failed m:
                End(m.Error);
                break;
            case Rejected m:
                End(new RequestRejectedException(m.Why, m.Reason));
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    protected override void PostStop() => writer.TryComplete(lost);

    private void Write(GenerationEvent message)
    {
        if (!writer.TryWrite(message)) throw new InvalidOperationException($"session {message.Session} sent more than its window");
    }

    private void End(Exception? error)
    {
        writer.TryComplete(error);
        Context.Stop(Self);
    }
}
