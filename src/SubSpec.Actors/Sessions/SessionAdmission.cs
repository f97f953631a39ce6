using SubSpec.Core.Generation;

namespace SubSpec.Actors.Sessions;

/// <summary>What becomes of a request that arrives.</summary>
internal enum Admission
{
    Start,
    Wait,

    /// <summary>Its session id is in use.</summary>
    Taken,

    /// <summary>As many as may run are running, and as many as may wait are waiting.</summary>
    Full,
}

/// <summary>Which sessions run and which wait, first come, first served. Pure bookkeeping of the router.</summary>
internal sealed class SessionAdmission(int maxSessions, int maxWaiting)
{
    private readonly HashSet<SessionId> _running = [];
    private readonly List<SessionId> _waiting = [];

    public Admission Offer(SessionId session)
    {
        if (_running.Contains(session) || _waiting.Contains(session)) return Admission.Taken;
        if (_running.Count < maxSessions)
        {
            _running.Add(session);
            return Admission.Start;
        }
        if (_waiting.Count >= maxWaiting) return Admission.Full;
        _waiting.Add(session);
        return Admission.Wait;
    }

    /// <summary>Takes a waiting session out; false when it does not wait.</summary>
    public bool Withdraw(SessionId session) => _waiting.Remove(session);

    /// <summary>A running session has ended; the one to start in its place, or null.</summary>
    public SessionId? End(SessionId session)
    {
        if (!_running.Remove(session) || _waiting.Count == 0) return null;
        SessionId next = _waiting[0];
        _waiting.RemoveAt(0);
        _running.Add(next);
        return next;
    }
}
