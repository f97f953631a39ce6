using Microsoft.Extensions.Time.Testing;
using SubSpec.Server.Http.Errors;
using SubSpec.Server.Http.Generating;

namespace SubSpec.Server.Tests.Http.Sessions;

public class RequestGateTests
{
    [Fact]
    public void Who_is_refused_is_told_how_long_answers_take_and_requests_without_one_do_not_count()
    {
        var time = new FakeTimeProvider();
        var gate = new RequestGate(sessions: 1, queue: 0, time);
        RequestGate.Place answered = gate.Enter();
        time.Advance(TimeSpan.FromSeconds(61));
        answered.End();
        for (int bad = 0; bad < 30; bad++) gate.Enter().Dispose();

        using RequestGate.Place taken = gate.Enter();
        // A fifth of the way from 1 s to 61 s.
        Assert.Equal(13, Assert.Throws<ApiException>(gate.Enter).RetryAfter);
        Assert.Equal(13, Assert.Throws<ApiException>(() => taken.Grow(2)).RetryAfter);
        Assert.Equal(1, gate.Taken);
    }
}
