using SubSpec.Actors.Client;
using SubSpec.Actors.Engines;
using SubSpec.Core;

namespace SubSpec.Actors.Tests.Engines;

public class RebuildPolicyTests
{
    private readonly RebuildPolicy _policy = new();

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 3)]
    public void Failures_without_progress_go_to_the_clients_with_their_cause(bool building, int limit)
    {
        var cause = new IOException("disk");
        for (int i = 1; i < limit; i++) Assert.Equal(Recovery.Rebuild, _policy.Failed(new IOException("first"), building).Recovery);
        (Recovery recovery, Exception error) = _policy.Failed(cause, building);
        Assert.Equal(Recovery.GiveUp, recovery);
        Assert.Same(cause, Assert.IsType<EngineFailedException>(error).InnerException);
        Assert.Equal(Recovery.Rebuild, _policy.Failed(new IOException("next"), building).Recovery);
    }

    [Fact]
    public void Progress_in_between_earns_another_rebuild()
    {
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(Recovery.Rebuild, _policy.Failed(new IOException(), building: false).Recovery);
            _policy.Progressed();
        }
    }

    [Fact]
    public void Bad_input_ends_the_engine_even_inside_another_exception()
    {
        var bad = new BadInputException("checkpoint changed");
        (Recovery recovery, Exception error) = _policy.Failed(new InvalidOperationException("outer", bad), building: false);
        Assert.Equal(Recovery.End, recovery);
        Assert.Same(bad, error);
    }
}
