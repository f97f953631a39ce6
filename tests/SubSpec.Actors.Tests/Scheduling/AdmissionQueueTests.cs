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
        Assert.Equal(A, Ask());
        Assert.Null(Ask());
        _queue.Reserved(A);
        Assert.Equal(B, Ask());
        _queue.Reserved(B);
        Assert.Null(Ask());
        Assert.Equal(0, _queue.Count);
    }

    [Fact]
    public void Nobody_overtakes_one_that_was_refused()
    {
        Ask();
        _queue.Refused(A);
        _queue.Add(C);
        Assert.Null(Ask());
        _queue.Released();
        Assert.Equal(A, Ask());
    }

    [Fact]
    public void When_a_refused_one_goes_the_next_one_is_asked_for()
    {
        Ask();
        _queue.Refused(A);
        _queue.Remove(A);
        Assert.Equal(B, Ask());
    }

    [Fact]
    public void A_refusal_of_one_that_has_gone_stops_nobody()
    {
        Ask();
        _queue.Remove(A);
        Assert.Null(Ask());
        _queue.Refused(A);
        Assert.Equal(B, Ask());
    }

    [Fact]
    public void A_new_engine_begins_with_all_of_them()
    {
        Ask();
        _queue.Refused(A);
        _queue.Restart([C, A, B]);
        Assert.Equal(C, Ask());
        Assert.Equal(3, _queue.Count);
    }

    [Fact]
    public void One_that_is_held_is_overtaken_and_comes_first_again_when_it_is_not()
    {
        Assert.Equal(B, Ask(held: A));
        _queue.Refused(B);
        Assert.Null(Ask());
        _queue.Released();
        Assert.Equal(A, Ask());
        _queue.Reserved(A);
        Assert.Null(Ask(held: B));
        Assert.Equal(B, Ask());
    }

    private SequenceId? Ask(SequenceId? held = null) => _queue.Ask(sequence => sequence == held);
}
