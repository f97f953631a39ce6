using System.Diagnostics.CodeAnalysis;

namespace SubSpec.Server.Http.Generating;

/// <summary>An answer that is under way. Disposing it cancels what is left of it.</summary>
internal sealed class Generation(AnswerContext context, AnswerFeed feed, Recording recording) : IAsyncDisposable
{
    public AnswerContext Context => context;

    /// <summary>Waits for the next event; false when there are no more.</summary>
    /// <exception cref="Exception">That of the choice that failed first.</exception>
    public ValueTask<bool> WaitAsync(CancellationToken cancel) => feed.Reader.WaitToReadAsync(cancel);

    public bool TryRead([MaybeNullWhen(false)] out ChoiceEvent happened)
    {
        if (!feed.Reader.TryRead(out happened)) return false;
        recording.Note(happened);
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        await feed.DisposeAsync();
        // What was generated for nobody was generated all the same.
        while (TryRead(out _)) continue;
    }
}
