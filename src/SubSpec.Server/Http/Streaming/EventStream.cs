using SubSpec.Server.Http.Responses;

namespace SubSpec.Server.Http.Streaming;

/// <summary>
/// Server-sent events. While there is nothing to say it sends comments, so that neither proxies nor clients take a pass over a large
/// model for a dead connection. The response begins with the first thing that is sent.
/// </summary>
internal sealed class EventStream(HttpResponse response, TimeProvider time, CancellationToken cancel)
{
    /// <summary>Longest silence.</summary>
    public static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(5);

    private static readonly byte[] Ping = ": ping\n\n"u8.ToArray();
    private static readonly byte[] Done = "data: [DONE]\n\n"u8.ToArray();

    /// <summary>Waits, and pings meanwhile.</summary>
    public async Task<bool> WaitAsync(ValueTask<bool> something)
    {
        if (something.IsCompleted) return await something;
        Task<bool> waiting = something.AsTask();
        while (true)
        {
            try
            {
                return await waiting.WaitAsync(KeepAlive, time, cancel);
            }
            catch (TimeoutException) when (!waiting.IsCompleted)
            {
                await SendAsync(Ping);
                await FlushAsync();
            }
        }
    }

    /// <summary>Sends a JSON object, when <see cref="FlushAsync"/> comes.</summary>
    public Task SendAsync(object body) => SendAsync([.. "data: "u8, .. Json.Utf8(body), .. "\n\n"u8]);

    public Task FlushAsync() => response.Body.FlushAsync(cancel);

    /// <summary>Says that all was sent.</summary>
    public async Task EndAsync()
    {
        await SendAsync(Done);
        await FlushAsync();
    }

    private async Task SendAsync(byte[] bytes)
    {
        if (!response.HasStarted)
        {
            response.ContentType = "text/event-stream; charset=utf-8";
            response.Headers.CacheControl = "no-store";
            // Reverse proxies would collect the stream otherwise.
            response.Headers["X-Accel-Buffering"] = "no";
        }
        await response.Body.WriteAsync(bytes, cancel);
    }
}
