namespace SubSpec.Actors.Client;

/// <summary>Why a request was not taken on.</summary>
public enum Rejection
{
    /// <summary>As many requests as may run are running, and as many as may wait are waiting.</summary>
    QueueFull,

    /// <summary>As many requests as may wait for the same session are waiting.</summary>
    SessionBusy,
}

/// <summary>The service, or the session, has too much to do: nothing was generated, and trying later may help.</summary>
public sealed class RequestRejectedException(Rejection why, string message) : Exception(message)
{
    public Rejection Why => why;
}
