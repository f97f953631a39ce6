using SubSpec.Actors.Scheduling;
using SubSpec.Core;

namespace SubSpec.Actors.Tests.Scheduling;

public class AdmissionQueueTests
{
    private static readonly SequenceId A = new(1), B = new(2), C = new(3);
    private readonly AdmissionQueue _queue = new();

    public AdmissionQueueTests()
    {
        _queue.Add(A);
        _queue.Add(B);
    }

    [Fact]
    public void One_is_asked_for_at_a_time_and_in_order()
    {
        Assert.Equal(A, _queue.Ask());
        Assert.Null(_queue.Ask());
        _queue.Reserved(A);
        Assert.Equal(B, _queue.Ask());
        _queue.Reserved(B);
        Assert.Null(_queue.Ask());
        Assert.Equal(0, _queue.Count);
    }

    [Fact]
    public void Nobody_overtakes_one_that_was_refused()
    {
        _queue.Ask();
        _queue.Refused(A);
        _queue.Add(C);
        Assert.Null(_queue.Ask());
        _queue.Released();
        Assert.Equal(A, _queue.Ask());
    }

    [Fact]
    public void When_a_refused_one_goes_the_next_one_is_asked_for()
    {
        _queue.Ask();
        _queue.Refused(A);
        _queue.Remove(A);
        Assert.Equal(B, _queue.Ask());
    }

    [Fact]
    public void A_refusal_of_one_that_has_gone_stops_nobody()
    {
        _queue.Ask();
        _queue.Remove(A);
        Assert.Null(_queue.Ask());
        _queue.Refused(A);
        Assert.Equal(B, _queue.Ask());
    }

    [Fact]
    public void A_new_engine_begins_with_all_of_them()
    {
        _queue.Ask();
        _queue.Refused(A);
        _queue.Restart([C, A, B]);
        Assert.Equal(C, _queue.Ask());
        Assert.Equal(3, _queue.Count);
    }
}
