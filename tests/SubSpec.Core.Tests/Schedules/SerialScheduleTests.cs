using SubSpec.Core.Schedules;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Tests.Schedules;

public class SerialScheduleTests
{
    private static readonly ScheduleSettings Settings = new(new DraftShape(8, 2, 0.02, 32), ChunkRows: 10);

    [Fact]
    public void A_prompt_goes_in_chunks_then_rounds_of_draft_and_verify_follow()
    {
        var run = new ScheduleSteps(SerialSchedule.Sequential(Settings));
        Assert.Equal("pass1 1:10", run.Ready(1, prompt: 25, tokens: 12));
        Assert.Equal("pass2 1:10", run.Verified(1, (1, 15, 12)));
        Assert.Equal("pass3 1:5", run.Verified(2, (1, 5, 12)));
        Assert.Equal("draft1 1:8", run.Verified(3, (1, 0, 11)));
        Assert.Equal("pass4 1:0", run.Drafted(1, 1));
        Assert.Equal("draft2 1:4", run.Verified(4, (1, 0, 5)));
        Assert.Equal("pass5 1:0", run.Drafted(2, 1));
        Assert.Equal("pass6 1:0", run.Verified(5, (1, 0, 1)));
        Assert.Equal("", run.Verified(6));
    }

    [Fact]
    public void Prefetch_streams_the_next_pass_while_drafting_and_runs_ahead_while_another_is_likely()
    {
        var run = new ScheduleSteps(SerialSchedule.Prefetch(Settings));
        Assert.Equal("pass1 1:5; stream2", run.Ready(1, prompt: 5, tokens: 12));
        Assert.Equal("draft1 1:8", run.Verified(1, (1, 0, 11)));
        Assert.Equal("pass2 1:0; stream3", run.Drafted(1, 1));
        Assert.Equal("pass3 1:0", run.Verified(2, (1, 0, 1)));
        Assert.Equal("", run.Verified(3));
        // Nothing has been streamed for the next pass, so drafting begins with that.
        Assert.Equal("pass4 2:5", run.Ready(2, prompt: 5, tokens: 1));
        Assert.Equal("stream5; draft2 2:3", run.Verified(4, (2, 0, 4)));
    }

    [Fact]
    public void Sequences_take_turns_in_the_order_of_their_arrival()
    {
        var run = new ScheduleSteps(SerialSchedule.Sequential(Settings));
        Assert.Equal("pass1 1:10", run.Ready(1, prompt: 20, tokens: 1));
        Assert.Equal("", run.Ready(2, prompt: 3, tokens: 9));
        Assert.Equal("", run.Ready(3, prompt: 4, tokens: 9));
        Assert.Equal("pass2 2:3", run.Verified(1, (1, 10, 1)));
        Assert.Equal("pass3 3:4", run.Verified(2, (2, 0, 8)));
        Assert.Equal("pass4 1:10", run.Verified(3, (3, 0, 8)));
        Assert.Equal("draft1 2:7", run.Verified(4));
    }

    [Fact]
    public void A_sequence_that_goes_while_it_drafts_is_not_verified_and_the_next_takes_its_turn()
    {
        var run = new ScheduleSteps(SerialSchedule.Sequential(Settings));
        run.Ready(1, prompt: 1, tokens: 9);
        run.Ready(2, prompt: 2, tokens: 9);
        Assert.Equal("pass2 2:2", run.Verified(1, (1, 0, 8)));
        Assert.Equal("draft1 1:7", run.Verified(2, (2, 0, 8)));
        Assert.Equal("", run.Gone(1));
        Assert.Equal("draft2 2:7", run.Drafted(1));
        Assert.Equal("", run.Gone(2));
        Assert.Equal("", run.Drafted(2));
        Assert.Equal("pass3 4:2", run.Ready(4, prompt: 2, tokens: 3));
    }

    [Fact]
    public void A_sequence_that_goes_while_it_waits_or_is_verified_leaves_no_trace()
    {
        var run = new ScheduleSteps(SerialSchedule.Sequential(Settings));
        Assert.Equal("pass1 1:2", run.Ready(1, prompt: 2, tokens: 9));
        run.Ready(2, prompt: 2, tokens: 9);
        run.Ready(3, prompt: 3, tokens: 9);
        Assert.Equal("", run.Gone(2));
        Assert.Equal("", run.Gone(1));
        Assert.Equal("pass2 3:3", run.Verified(1));
    }
}
