using SubSpec.Torch.Compute;

namespace SubSpec.Torch.Tests.Compute;

public class ComputeTeamTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Every_item_is_done_exactly_once_in_every_round(int threads)
    {
        using var team = new ComputeTeam(threads);
        var task = new Increment(1001);
        for (int round = 1; round <= 500; round++) team.Run(task);
        Assert.All(task.Counts, count => Assert.Equal(500, count));
    }

    [Fact]
    public void A_failing_helper_is_reported_to_the_caller_and_the_team_goes_on()
    {
        using var team = new ComputeTeam(2);
        Assert.Throws<InvalidOperationException>(() => team.Run(new FailOn(1)));
        Assert.Throws<InvalidOperationException>(() => team.Run(new FailOn(0)));
        var task = new Increment(10);
        team.Run(task);
        Assert.All(task.Counts, count => Assert.Equal(1, count));
    }

    [Theory]
    [InlineData(10, 3, 1)]
    [InlineData(10, 3, 4)]
    [InlineData(0, 2, 8)]
    [InlineData(1, 8, 16)]
    public void Shares_cover_the_range_without_overlap(int count, int workers, int grain)
    {
        int next = 0;
        for (int w = 0; w < workers; w++)
        {
            (int start, int end) = TeamTask.Share(count, w, workers, grain);
            Assert.Equal(next, start);
            Assert.True(start % grain == 0 || start == count);
            next = end;
        }
        Assert.Equal(count, next);
    }

    private sealed class Increment(int items) : TeamTask
    {
        public int[] Counts { get; } = new int[items];

        public override void Run(int worker, int workers)
        {
            (int start, int end) = Share(Counts.Length, worker, workers);
            for (int i = start; i < end; i++) Counts[i]++;
        }
    }

    private sealed class FailOn(int failing) : TeamTask
    {
        public override void Run(int worker, int workers)
        {
            if (worker == failing) throw new InvalidOperationException("on purpose");
        }
    }
}
