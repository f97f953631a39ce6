using System.Collections.Immutable;
using System.Threading.Channels;
using SubSpec.Actors.Client;
using SubSpec.Core;
using SubSpec.Core.Generation;

namespace SubSpec.Server.Http.Generating;

/// <summary>Something that one of an answer's choices has to tell.</summary>
internal readonly record struct ChoiceEvent(int Choice, GenerationEvent Event);

/// <summary>
/// All choices of an answer as one stream. It takes what the engine gives whether or not somebody reads, so that slow readers hold
/// neither the engine nor a place in the queue; what waits is at most the answer itself.
/// </summary>
internal sealed class AnswerFeed : IAsyncDisposable
{
    private readonly Channel<ChoiceEvent> _channel = Channel.CreateUnbounded<ChoiceEvent>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _cancel;
    private Exception? _cause;

    private AnswerFeed(CancellationToken aborted) => _cancel = CancellationTokenSource.CreateLinkedTokenSource(aborted);

    /// <summary>Ends in the error of the choice that failed first.</summary>
    public ChannelReader<ChoiceEvent> Reader => _channel.Reader;

    /// <summary>Ends, without an error, when no choice is under way any more.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <param name="requests">One for each choice.</param>
    /// <param name="ended">Called when no choice is under way any more.</param>
    /// <param name="aborted">Cancels all of them.</param>
    public static AnswerFeed Start(IInferenceHost host, ImmutableArray<GenerationRequest> requests, Action ended, CancellationToken aborted)
    {
        var feed = new AnswerFeed(aborted);
        feed.Ended = feed.RunAsync(host, requests, ended);
        return feed;
    }

    /// <summary>Cancels what is still under way, and waits for its end.</summary>
    public async ValueTask DisposeAsync()
    {
        await _cancel.CancelAsync();
        await Ended;
        _cancel.Dispose();
    }

    private async Task RunAsync(IInferenceHost host, ImmutableArray<GenerationRequest> requests, Action ended)
    {
        await Task.WhenAll(requests.Select((request, choice) => PumpAsync(host, request, choice)));
        ended();
        _channel.Writer.Complete(_cause);
    }

    private async Task PumpAsync(IInferenceHost host, GenerationRequest request, int choice)
    {
        try
        {
            await foreach (GenerationEvent happened in host.GenerateAsync(request, _cancel.Token)) _channel.Writer.TryWrite(new ChoiceEvent(choice, happened));
        }
#pragma warning disable CA1031 // the reader gets it
        catch (Exception e)
#pragma warning restore CA1031
        {
            // The request was checked before: what is bad by now is the engine's input, a checkpoint that changed for example.
            Exception cause = e is BadInputException ? new EngineFailedException(e.Message, e) : e;
            // An answer is whole or not at all.
            Interlocked.CompareExchange(ref _cause, cause, null);
            await _cancel.CancelAsync();
        }
    }
}
