using SubSpec.Server.Http.Observing;

namespace SubSpec.Server.Http.Generating;

/// <summary>Where requests are written down when they are over: the log, and whoever observes them.</summary>
internal sealed partial class RequestJournal(IEnumerable<IRequestObserver> observers, ILogger<RequestJournal> log)
{
    /// <summary>The status of a request whose client did not wait for its answer.</summary>
    public const int ClientClosedRequest = 499;

    public void Write(RequestRecord record)
    {
        LogRequest(record.Api, record.Status, record.ErrorCode ?? "ok", record.PromptTokens, record.CompletionTokens, record.Seconds);
        foreach (IRequestObserver observer in observers) observer.Finished(record);
    }

    /// <summary>What broke off an answer that had begun, where the fault is ours.</summary>
    [LoggerMessage(LogLevel.Error, "an answer broke off")]
    public partial void Broken(Exception exception);

    [LoggerMessage(LogLevel.Information, "{Api} {Status} {Outcome}: {PromptTokens} + {CompletionTokens} tokens in {Seconds:F2} s")]
    private partial void LogRequest(string api, int status, string outcome, int promptTokens, int completionTokens, double seconds);
}
