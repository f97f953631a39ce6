using SubSpec.Core.Engine;

namespace SubSpec.Core.Tests.Engine;

public class StreamRingTests
{
    private readonly StreamRing _ring = new(2, [3, 5, 8]);

    [Fact]
    public void Layers_are_read_in_order_while_slots_are_free()
    {
        _ring.StreamTo(new PassId(1));

        Assert.Equal([(1, 3, 0), (1, 5, 1)], Reads());
        Assert.Equal(ReadOutcome.Ready, _ring.Ended(0, true).Outcome);
        Assert.Empty(Reads());
        Assert.True(_ring.Consumed(new PassId(1), 3, 0));
        Assert.Equal([(1, 8, 0)], Reads());
    }

    [Fact]
    public void A_pass_is_streamed_once_however_often_it_is_asked_for()
    {
        _ring.StreamTo(new PassId(1));
        ConsumeAll(3);
        _ring.StreamTo(new PassId(1));
        Assert.Empty(Reads());
    }

    [Fact]
    public void Passes_that_were_not_asked_for_yet_come_before_a_later_one()
    {
        _ring.StreamTo(new PassId(2));
        _ring.StreamTo(new PassId(1));
        Assert.Equal([(1, 3), (1, 5), (1, 8), (2, 3), (2, 5), (2, 8)], ConsumeAll(6));
        Assert.Empty(Reads());
    }

    [Fact]
    public void A_failed_read_is_tried_three_times_into_its_slot()
    {
        _ring.StreamTo(new PassId(1));
        Reads();
        Assert.Equal((ReadOutcome.Retry, new RingRead(new PassId(1), 5, 1)), _ring.Ended(1, false));
        Assert.Equal(ReadOutcome.Retry, _ring.Ended(1, false).Outcome);
        Assert.Equal(ReadOutcome.Failed, _ring.Ended(1, false).Outcome);
    }

    [Fact]
    public void A_read_that_fails_twice_and_then_works_is_ready()
    {
        _ring.StreamTo(new PassId(1));
        Reads();
        _ring.Ended(0, false);
        _ring.Ended(0, false);
        Assert.Equal(ReadOutcome.Ready, _ring.Ended(0, true).Outcome);
    }

    [Theory]
    [InlineData(2, 3, 0)]
    [InlineData(1, 5, 0)]
    [InlineData(1, 3, 1)]
    [InlineData(1, 3, 2)]
    [InlineData(1, 3, -1)]
    public void Credit_for_what_a_slot_does_not_hold_changes_nothing(int pass, int layer, int slot)
    {
        _ring.StreamTo(new PassId(1));
        Reads();
        _ring.Ended(0, true);
        Assert.False(_ring.Consumed(new PassId(pass), layer, slot));
        Assert.Empty(Reads());
        Assert.True(_ring.Consumed(new PassId(1), 3, 0));
    }

    [Fact]
    public void An_aborted_pass_gives_its_ready_slots_back_at_once_and_those_being_read_when_they_end()
    {
        _ring.StreamTo(new PassId(2));
        Reads();
        _ring.Ended(0, true);

        _ring.Abort(new PassId(1));

        Assert.False(_ring.IsReading);
        Assert.Equal([(2, 3, 0)], Reads());
        Assert.Equal(ReadOutcome.Discarded, _ring.Ended(1, true).Outcome);
        Assert.Equal([(2, 5, 1)], Reads());
        Assert.False(_ring.Consumed(new PassId(1), 3, 0));
    }

    [Fact]
    public void What_was_read_ahead_survives_the_abortion_of_the_pass_before()
    {
        _ring.StreamTo(new PassId(2));
        Reads();
        Consume(3, 0);
        Consume(5, 1);
        Assert.Equal([(1, 8, 0), (2, 3, 1)], Reads());
        _ring.Ended(1, true);

        _ring.Abort(new PassId(1));

        Assert.True(_ring.Consumed(new PassId(2), 3, 1));
        Assert.Equal([(2, 5, 1)], Reads());
    }

    [Fact]
    public void A_pass_that_is_aborted_before_it_was_asked_for_is_never_read()
    {
        _ring.Abort(new PassId(1));
        _ring.StreamTo(new PassId(1));
        Assert.Empty(Reads());
        _ring.StreamTo(new PassId(2));
        Assert.Equal([(2, 3, 0), (2, 5, 1)], Reads());
    }

    [Fact]
    public void The_end_of_a_read_that_never_began_is_a_bug() => Assert.Throws<InvalidOperationException>(() => _ring.Ended(0, true));

    [Fact]
    public void Without_offloaded_layers_there_is_nothing_to_read()
    {
        var ring = new StreamRing(0, []);
        ring.StreamTo(new PassId(9));
        Assert.Null(ring.Next());
    }

    private List<(int Pass, int Layer, int Slot)> Reads()
    {
        List<(int, int, int)> reads = [];
        while (_ring.Next() is { } read) reads.Add(((int)read.Pass.Value, read.Layer, read.Slot));
        return reads;
    }

    private void Consume(int layer, int slot)
    {
        _ring.Ended(slot, true);
        Assert.True(_ring.Consumed(new PassId(1), layer, slot));
    }

    private List<(int Pass, int Layer)> ConsumeAll(int count)
    {
        List<(int, int)> order = [];
        Queue<RingRead> open = [];
        for (int i = 0; i < count; i++)
        {
            while (_ring.Next() is { } next) open.Enqueue(next);
            RingRead read = open.Dequeue();
            _ring.Ended(read.Slot, true);
            _ring.Consumed(read.Pass, read.Layer, read.Slot);
            order.Add(((int)read.Pass.Value, read.Layer));
        }
        foreach (RingRead begun in open) Assert.Fail($"{begun} was begun beyond what the test consumes");
        return order;
    }
}
