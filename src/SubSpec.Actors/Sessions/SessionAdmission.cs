namespace SubSpec.Actors.Sessions;

/// <summary>What becomes of a request that arrives.</summary>
internal enum Admission
{
    Start,
    Wait,

    /// <summary>As many as may wait for its session are waiting.</summary>
    Busy,

    /// <summary>As many as may run are running, and as many as may wait are waiting.</summary>
    Full,
}

/// <summary>How many requests may be in the service.</summary>
/// <param name="WaitingOfSession">Of those that wait, how many may wait for the same session.</param>
internal sealed record SessionLimits(int Running, int Waiting, int WaitingOfSession);

/// <summary>
/// Which requests run and which wait, first come, first served, but for those whose session has one running: a session's requests run
/// one after the other, and hold up nobody else. Pure bookkeeping of the router.
/// </summary>
internal sealed class SessionAdmission(SessionLimits limits)
{
    private readonly Dictionary<RequestId, SessionKey?> _running = [];
    private readonly List<(RequestId Id, SessionKey? Session)> _waiting = [];

    public int Running => _running.Count;

    public int Waiting => _waiting.Count;

    /// <param name="session">Null for a request that waits for no other.</param>
    public Admission Offer(RequestId request, SessionKey? session)
    {
        int before = session is null ? 0 : _waiting.Count(w => w.Session == session);
        // With room to run, everyone who waits does so for their session: whoever is free to run overtakes nobody.
        if (before == 0 && CanStart(session))
        {
            _running.Add(request, session);
            return Admission.Start;
        }
        if (session is not null && before >= limits.WaitingOfSession) return Admission.Busy;
        if (_waiting.Count >= limits.Waiting) return Admission.Full;
        _waiting.Add((request, session));
        return Admission.Wait;
    }

    /// <summary>Takes a waiting request out; false when it does not wait.</summary>
    public bool Withdraw(RequestId request) => _waiting.RemoveAll(w => w.Id == request) > 0;

    /// <summary>A running request has ended; the one to start now, or null.</summary>
    public RequestId? End(RequestId request)
    {
        if (!_running.Remove(request)) return null;
        int next = _waiting.FindIndex(w => CanStart(w.Session));
        if (next < 0) return null;
        (RequestId started, SessionKey? session) = _waiting[next];
        _waiting.RemoveAt(next);
        _running.Add(started, session);
        return started;
    }

    private bool CanStart(SessionKey? session) => _running.Count < limits.Running && (session is null || !_running.ContainsValue(session));
}
