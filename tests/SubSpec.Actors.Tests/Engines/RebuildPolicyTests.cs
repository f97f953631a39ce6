using SubSpec.Actors.Client;
using SubSpec.Actors.Engines;
using SubSpec.Core;

namespace SubSpec.Actors.Tests.Engines;

public class RebuildPolicyTests
{
    private readonly RebuildPolicy _policy = new();

    [Fact]
    public void The_second_failure_without_progress_goes_to_the_clients_with_its_cause()
    {
        var cause = new IOException("disk");
        Assert.Equal(Recovery.Rebuild, _policy.Failed(new IOException("first")).Recovery);
        (Recovery recovery, Exception error) = _policy.Failed(cause);
        Assert.Equal(Recovery.GiveUp, recovery);
        Assert.Same(cause, Assert.IsType<EngineFailedException>(error).InnerException);
    }

    [Fact]
    public void Progress_in_between_earns_another_rebuild()
    {
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(Recovery.Rebuild, _policy.Failed(new IOException()).Recovery);
            _policy.Progressed();
        }
    }

    [Fact]
    public void After_giving_up_it_begins_anew()
    {
        _policy.Failed(new IOException());
        _policy.Failed(new IOException());
        Assert.Equal(Recovery.Rebuild, _policy.Failed(new IOException()).Recovery);
    }

    [Fact]
    public void Bad_input_ends_the_engine_even_inside_another_exception()
    {
        var bad = new BadInputException("checkpoint changed");
        (Recovery recovery, Exception error) = _policy.Failed(new InvalidOperationException("outer", bad));
        Assert.Equal(Recovery.End, recovery);
        Assert.Same(bad, error);
    }
}
