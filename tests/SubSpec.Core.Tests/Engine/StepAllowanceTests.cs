using SubSpec.Core.Engine;

namespace SubSpec.Core.Tests.Engine;

public class StepAllowanceTests
{
    private readonly StepAllowance _allowance = new();

    [Fact]
    public void Nothing_is_allowed_without_a_round()
    {
        _allowance.Wait(0, 5);
        Assert.Equal(0, TakeAll());
        _allowance.PassOver();
        Assert.Equal(0, TakeAll());
    }

    [Fact]
    public void Steps_at_once_are_counted()
    {
        _allowance.Open(new StepGrants(3, []));
        Assert.Equal(3, TakeAll());
    }

    [Fact]
    public void Without_limit_there_is_always_one_more()
    {
        _allowance.Open(StepGrants.Unlimited);
        Assert.Equal(1000, TakeAll());
    }

    [Fact]
    public void The_larger_grant_of_round_and_pass_counts_before_a_layer()
    {
        _allowance.Open(new StepGrants(0, [0, 2, 4]));
        _allowance.Wait(1, 1);
        Assert.Equal(2, TakeAll());
        _allowance.Wait(2, 6);
        Assert.Equal(6, TakeAll());
        _allowance.Wait(3, 0);
        Assert.Equal(0, TakeAll());
    }

    [Fact]
    public void A_round_that_opens_while_the_pass_waits_gets_what_was_granted()
    {
        _allowance.Wait(1, 2);
        _allowance.Open(new StepGrants(1, []));
        Assert.Equal(3, TakeAll());
    }

    [Fact]
    public void What_was_granted_before_a_layer_lapses_when_it_comes()
    {
        _allowance.Open(StepGrants.None);
        _allowance.Wait(1, 2);
        _allowance.Take();
        _allowance.Run();
        Assert.Equal(0, TakeAll());
    }

    [Fact]
    public void Steps_before_the_layer_are_used_up_before_those_at_once()
    {
        _allowance.Open(new StepGrants(1, []));
        _allowance.Wait(1, 1);
        _allowance.Take();
        _allowance.Run();
        Assert.Equal(1, TakeAll());
    }

    [Fact]
    public void When_the_pass_ends_the_rest_may_run_and_a_new_round_has_its_own_grants()
    {
        _allowance.Open(StepGrants.None);
        _allowance.PassOver();
        Assert.Equal(1000, TakeAll());
        _allowance.Close();
        _allowance.Open(StepGrants.None);
        Assert.Equal(0, TakeAll());
    }

    private int TakeAll()
    {
        int taken = 0;
        for (; taken < 1000 && _allowance.Any; taken++) _allowance.Take();
        return taken;
    }
}
