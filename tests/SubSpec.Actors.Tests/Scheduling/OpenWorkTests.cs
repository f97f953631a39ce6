using SubSpec.Actors.Scheduling;
using SubSpec.Core;
using SubSpec.Core.Kv;

namespace SubSpec.Actors.Tests.Scheduling;

public class OpenWorkTests
{
    private static readonly SequenceId A = new(1), B = new(2);
    private readonly OpenWork _work = new();

    [Fact]
    public void Only_what_is_open_ends_and_only_once()
    {
        _work.Begin(new PassId(4), [A]);
        Assert.False(_work.End(new PassId(3)));
        Assert.True(_work.End(new PassId(4)));
        Assert.False(_work.End(new PassId(4)));
        _work.Begin(new RoundId(2), [A]);
        Assert.False(_work.End(new RoundId(1)));
        Assert.True(_work.End(new RoundId(2)));
    }

    [Fact]
    public void What_nobody_takes_part_in_keeps_its_number()
    {
        _work.Skip(new PassId(1));
        _work.Skip(new RoundId(1));
        Assert.True(_work.IsIdle);
        Assert.Equal((new PassId(2), new RoundId(2)), (_work.NextPass, _work.NextRound));
    }

    [Fact]
    public void A_second_pass_or_round_at_once_is_a_bug()
    {
        _work.Begin(new PassId(1), [A]);
        _work.Begin(new RoundId(1), [A]);
        Assert.Throws<InvalidOperationException>(() => _work.Begin(new PassId(2), [B]));
        Assert.Throws<InvalidOperationException>(() => _work.Begin(new RoundId(2), [B]));
    }

    [Fact]
    public void A_lease_is_held_until_round_and_pass_have_ended()
    {
        var lease = new KvLease(A, 1, [0]);
        _work.Begin(new PassId(1), [A, B]);
        _work.Begin(new RoundId(1), [A]);
        _work.Leave(lease);
        Assert.Empty(_work.TakeUnheld());
        _work.End(new PassId(1));
        Assert.Empty(_work.TakeUnheld());
        _work.End(new RoundId(1));
        Assert.Same(lease, Assert.Single(_work.TakeUnheld()));
        Assert.Empty(_work.TakeUnheld());
    }

    [Fact]
    public void A_lease_that_nothing_holds_is_free_at_once()
    {
        _work.Begin(new PassId(1), [B]);
        _work.Leave(new KvLease(A, 1, [0]));
        Assert.Single(_work.TakeUnheld());
    }

    [Fact]
    public void Nothing_is_left_after_the_loss_of_the_engine()
    {
        _work.Begin(new PassId(1), [A]);
        _work.Begin(new RoundId(1), [B]);
        _work.Leave(new KvLease(A, 1, [0]));
        _work.Clear();
        Assert.False(_work.Holds(A) || _work.Holds(B));
        Assert.Empty(_work.TakeUnheld());
        _work.Begin(new PassId(1), [A]);
    }
}
