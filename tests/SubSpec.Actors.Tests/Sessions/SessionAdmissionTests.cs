using SubSpec.Actors.Sessions;
using SubSpec.Core.Generation;

namespace SubSpec.Actors.Tests.Sessions;

public class SessionAdmissionTests
{
    private static readonly SessionId A = new("a"), B = new("b"), C = new("c"), D = new("d");
    private readonly SessionAdmission _admission = new(maxSessions: 1, maxWaiting: 2);

    [Fact]
    public void One_runs_two_wait_and_the_fourth_is_too_much()
    {
        Assert.Equal([Admission.Start, Admission.Wait, Admission.Wait, Admission.Full], new[] { A, B, C, D }.Select(_admission.Offer));
    }

    [Fact]
    public void An_id_in_use_is_taken_whether_it_runs_or_waits()
    {
        _admission.Offer(A);
        _admission.Offer(B);
        Assert.Equal([Admission.Taken, Admission.Taken], new[] { A, B }.Select(_admission.Offer));
    }

    [Fact]
    public void Waiting_sessions_start_in_order()
    {
        foreach (SessionId id in new[] { A, B, C }) _admission.Offer(id);
        Assert.Equal(B, _admission.End(A));
        Assert.Null(_admission.End(A));
        Assert.Equal(C, _admission.End(B));
        Assert.Null(_admission.End(C));
        Assert.Equal(Admission.Start, _admission.Offer(A));
    }

    [Fact]
    public void A_withdrawn_session_does_not_start()
    {
        foreach (SessionId id in new[] { A, B, C }) _admission.Offer(id);
        Assert.True(_admission.Withdraw(B));
        Assert.False(_admission.Withdraw(A));
        Assert.Equal(C, _admission.End(A));
    }
}
