using SubSpec.Actors.Sessions;
using SubSpec.Core.Generation;

namespace SubSpec.Actors.Tests.Sessions;

public class SessionAdmissionTests
{
    private static readonly RequestId[] Ids = [.. Enumerable.Range(0, 6).Select(_ => RequestId.New())];
    private static readonly SessionKey Talk = new("", new SessionId("talk")), Other = new("", new SessionId("other"));

    [Fact]
    public void One_runs_two_wait_and_the_fourth_is_too_much()
    {
        var admission = new SessionAdmission(new SessionLimits(1, 2, 2));
        Assert.Equal([Admission.Start, Admission.Wait, Admission.Wait, Admission.Full], Ids[..4].Select(id => admission.Offer(id, null)));
        Assert.Equal((1, 2), (admission.Running, admission.Waiting));
    }

    [Fact]
    public void Waiting_requests_start_in_order()
    {
        var admission = new SessionAdmission(new SessionLimits(1, 2, 2));
        foreach (RequestId id in Ids[..3]) admission.Offer(id, null);
        Assert.Equal(Ids[1], admission.End(Ids[0]));
        Assert.Null(admission.End(Ids[0]));
        Assert.Equal(Ids[2], admission.End(Ids[1]));
        Assert.Null(admission.End(Ids[2]));
        Assert.Equal(Admission.Start, admission.Offer(Ids[0], null));
    }

    [Fact]
    public void A_withdrawn_request_does_not_start()
    {
        var admission = new SessionAdmission(new SessionLimits(1, 2, 2));
        foreach (RequestId id in Ids[..3]) admission.Offer(id, null);
        Assert.True(admission.Withdraw(Ids[1]));
        Assert.False(admission.Withdraw(Ids[0]));
        Assert.Equal(Ids[2], admission.End(Ids[0]));
    }

    [Fact]
    public void Requests_of_one_session_run_one_after_the_other_and_hold_up_nobody_else()
    {
        var admission = new SessionAdmission(new SessionLimits(2, 9, 9));
        Assert.Equal([Admission.Start, Admission.Wait, Admission.Wait], Ids[..3].Select(id => admission.Offer(id, Talk)));
        Assert.Equal(Admission.Start, admission.Offer(Ids[3], Other));
        Assert.Equal(Admission.Wait, admission.Offer(Ids[4], null));

        Assert.Equal(Ids[4], admission.End(Ids[3]));
        Assert.Equal(Ids[1], admission.End(Ids[0]));
        Assert.Null(admission.End(Ids[4]));
        Assert.Equal(Ids[2], admission.End(Ids[1]));
    }

    [Fact]
    public void A_session_may_queue_only_so_many_and_the_same_id_in_another_scope_is_another_session()
    {
        var admission = new SessionAdmission(new SessionLimits(4, 9, 1));
        Assert.Equal([Admission.Start, Admission.Wait, Admission.Busy], Ids[..3].Select(id => admission.Offer(id, Talk)));
        Assert.Equal(Admission.Start, admission.Offer(Ids[3], Talk with { Scope = "key" }));
        Assert.Equal((2, 1), (admission.Running, admission.Waiting));
    }

    [Fact]
    public void Whatever_happens_nobody_waits_who_could_run()
    {
        for (int seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            var limits = new SessionLimits(random.Next(1, 4), random.Next(0, 6), random.Next(0, 3));
            var admission = new SessionAdmission(limits);
            Dictionary<RequestId, SessionKey?> running = [], waiting = [];
            for (int step = 0; step < 200; step++)
            {
                int kind = random.Next(5);
                if (kind < 3) Offer(RequestId.New(), random.Next(3) == 0 ? null : new SessionKey("", new SessionId($"{random.Next(3)}")));
                else if (kind == 3 && waiting.Count > 0) Withdraw(Any(waiting));
                else if (running.Count > 0) End(Any(running));
                Check();
            }

            void Offer(RequestId id, SessionKey? session)
            {
                switch (admission.Offer(id, session))
                {
                    case Admission.Start: running.Add(id, session); break;
                    case Admission.Wait: waiting.Add(id, session); break;
                }
            }

            void Withdraw(RequestId id)
            {
                Assert.True(admission.Withdraw(id));
                waiting.Remove(id);
            }

            void End(RequestId id)
            {
                running.Remove(id);
                if (admission.End(id) is not { } next) return;
                Assert.True(waiting.Remove(next, out SessionKey? session));
                running.Add(next, session);
            }

            void Check()
            {
                SessionKey[] sessions = [.. running.Values.OfType<SessionKey>()];
                Assert.Equal(sessions.Length, sessions.Distinct().Count());
                Assert.InRange(running.Count, 0, limits.Running);
                Assert.InRange(waiting.Count, 0, limits.Waiting);
                if (running.Count < limits.Running) Assert.All(waiting.Values, session => Assert.Contains(session, sessions));
            }

            RequestId Any(Dictionary<RequestId, SessionKey?> of) => of.Keys.ElementAt(random.Next(of.Count));
        }
    }
}
