using SubSpec.Core.Schedules;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Tests.Schedules;

public class GroupedScheduleTests
{
    private static readonly ScheduleSettings Settings = new(new DraftShape(8, 1, 0.02, 32), ChunkRows: 10) { PassRows = 40 };

    [Fact]
    public void Shared_drafts_and_verifies_all_together_and_a_newcomer_joins_the_next_pass()
    {
        var run = new ScheduleSteps(Create("shared"));
        Assert.Equal("pass1 1:5; stream2", run.Ready(1, prompt: 5, tokens: 20));
        Assert.Equal("", run.Ready(2, prompt: 3, tokens: 20));
        Assert.Equal("draft1 1:8", run.Verified(1, (1, 0, 19)));
        Assert.Equal("pass2 1:0 2:3; stream3", run.Drafted(1, 1));
        Assert.Equal("", run.Ready(3, prompt: 25, tokens: 20));
        Assert.Equal("draft2 1:8 2:8", run.Verified(2, (1, 0, 12), (2, 0, 19)));
        Assert.Equal("pass3 1:0 2:0 3:10; stream4", run.Drafted(2, 1, 2));
        // Half the rows for each, and still a chunk for the third.
        Assert.Equal("draft3 2:8 1:3", run.Verified(3, (3, 15, 20), (2, 0, 10), (1, 0, 4)));
        Assert.Equal("pass4 2:0 1:0 3:10; stream5", run.Drafted(3, 1, 2));
    }

    [Fact]
    public void Older_prompts_come_first_and_none_starves_behind_trees()
    {
        ScheduleSettings few = Settings with { PassRows = 12, ChunkRows = 12, Shape = Settings.Shape with { MaxNodes = 12 } };
        var run = new ScheduleSteps(ScheduleCatalog.BuiltIn.Create("shared", few));
        Assert.Equal("pass1 1:2; stream2", run.Ready(1, prompt: 2, tokens: 40));
        run.Ready(2, prompt: 7, tokens: 9);
        run.Ready(3, prompt: 4, tokens: 9);
        // A quarter of the rows is kept for the prompts; the tree takes no more than the others.
        Assert.Equal("draft1 1:8", run.Verified(1, (1, 0, 39)));
        Assert.Equal("pass2 1:0 2:3; stream3", run.Drafted(1, 1));
        Assert.Equal("draft2 1:8", run.Verified(2, (1, 0, 30), (2, 4, 9)));
        Assert.Equal("pass3 1:0 2:3; stream4", run.Drafted(2, 1));
        Assert.Equal("draft3 1:8", run.Verified(3, (1, 0, 20), (2, 1, 9)));
        Assert.Equal("pass4 1:0 2:1 3:2; stream5", run.Drafted(3, 1));
    }

    [Fact]
    public void More_sequences_than_rows_take_turns()
    {
        ScheduleSettings few = Settings with { PassRows = 4, ChunkRows = 4, Shape = Settings.Shape with { MaxNodes = 4, Depth = 1 } };
        var run = new ScheduleSteps(ScheduleCatalog.BuiltIn.Create("shared", few));
        run.Ready(1, prompt: 0, tokens: 50);
        for (int i = 2; i <= 6; i++) run.Ready(i, prompt: 0, tokens: 50);
        Assert.Equal("pass1 1:0; stream2", run.Drafted(1, 1));
        Assert.Equal("pass2 2:0 3:0 4:0 5:0; stream3", run.Verified(1, (1, 0, 48)));
        Assert.Equal("pass3 6:0 1:0 2:0 3:0; stream4", run.Verified(2, (2, 0, 49), (3, 0, 49), (4, 0, 49), (5, 0, 49)));
    }

    [Fact]
    public void Interleave_drafts_for_one_group_inside_the_pass_of_the_other()
    {
        var run = new ScheduleSteps(Create("interleave"));
        Assert.Equal("pass1 1:5; stream2", run.Ready(1, prompt: 5, tokens: 30));
        Assert.Equal("", run.Ready(2, prompt: 3, tokens: 30));
        Assert.Equal("pass2 2:3; stream3; draft1 1:8", run.Verified(1, (1, 0, 29)));
        Assert.Equal("", run.Drafted(1, 1));
        Assert.Equal("pass3 1:0; stream4; draft2 2:8", run.Verified(2, (2, 0, 29)));
        // The pass ends first: its group has to wait until the other's trees are there.
        Assert.Equal("", run.Verified(3, (1, 0, 22)));
        Assert.Equal("pass4 2:0; stream5; draft3 1:8", run.Drafted(2, 2));
    }

    [Fact]
    public void The_groups_of_interleave_are_halves_again_when_sequences_came_and_went()
    {
        var run = new ScheduleSteps(Create("interleave"));
        run.Ready(1, prompt: 2, tokens: 30);
        for (int i = 2; i <= 5; i++) run.Ready(i, prompt: 2, tokens: 30);
        Assert.Equal("pass2 2:2 3:2 4:2 5:2; stream3; draft1 1:8", run.Verified(1, (1, 0, 29)));
        run.Drafted(1, 1);
        Assert.Equal("pass3 1:0; stream4; draft2 2:8 3:8 4:8", run.Verified(2, (2, 0, 29), (3, 0, 29), (4, 0, 29), (5, 0, 29)));
        Assert.Equal("", run.Gone(3));
        Assert.Equal("", run.Gone(4));
        Assert.Equal("draft3 5:8", run.Drafted(2, 2));
        Assert.Equal("", run.Drafted(3, 5));
        Assert.Equal("pass4 2:0 5:0; stream5; draft4 1:8", run.Verified(3, (1, 0, 20)));
    }

    [Fact]
    public void One_sequence_alone_is_interleaved_as_prefetch_does_it()
    {
        ScheduleSteps interleave = new(Create("interleave")), prefetch = new(Create("prefetch"));
        Assert.Equal(prefetch.Ready(1, prompt: 25, tokens: 12), interleave.Ready(1, prompt: 25, tokens: 12));
        Assert.Equal(prefetch.Verified(1, (1, 15, 12)), interleave.Verified(1, (1, 15, 12)));
        Assert.Equal(prefetch.Verified(2, (1, 5, 12)), interleave.Verified(2, (1, 5, 12)));
        Assert.Equal(prefetch.Verified(3, (1, 0, 11)), interleave.Verified(3, (1, 0, 11)));
        Assert.Equal(prefetch.Drafted(1, 1), interleave.Drafted(1, 1));
        Assert.Equal(prefetch.Verified(4, (1, 0, 2)), interleave.Verified(4, (1, 0, 2)));
        Assert.Equal(prefetch.Drafted(2, 1), interleave.Drafted(2, 1));
        Assert.Equal(prefetch.Verified(5), interleave.Verified(5));
    }

    private static ISchedule Create(string name) => ScheduleCatalog.BuiltIn.Create(name, Settings);
}
