using SubSpec.Core.Schedules;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Tests.Schedules;

public class AheadScheduleTests
{
    private static readonly ScheduleSettings Settings = new(new DraftShape(8, 1, 0.02, 12), ChunkRows: 20) { PassRows = 40 };

    [Fact]
    public void The_first_tree_is_drafted_while_a_pass_takes_the_end_of_the_prompt()
    {
        var run = new ScheduleSteps(Create());
        // Only the chunk that ends a prompt is one, and only what a tree could be as well is short enough to be read.
        Assert.Equal("pass1 1:20; stream2", run.Ready(1, prompt: 25, tokens: 30));
        Assert.Equal("pass2 1:5; draft1 1:8; stream3", run.Verified(1, (1, 5, 30)));
        Assert.Equal("", run.Verified(2, (1, 0, 29)));
        Assert.Equal("pass3 1:0; draft2 1:8; stream4", run.Drafted(1, 1));
    }

    [Fact]
    public void Below_a_long_chunk_nothing_is_drafted()
    {
        var run = new ScheduleSteps(Create());
        Assert.Equal("pass1 1:13; stream2", run.Ready(1, prompt: 13, tokens: 30));
        Assert.Equal("draft1 1:8", run.Verified(1, (1, 0, 29)));
    }

    [Fact]
    public void Trees_and_ends_of_prompts_go_on_in_one_round()
    {
        var run = new ScheduleSteps(Create());
        run.Ready(1, prompt: 3, tokens: 30);
        run.Verified(1, (1, 0, 29));
        run.Ready(2, prompt: 4, tokens: 30);
        Assert.Equal("pass2 1:0 2:4; draft2 1:8 2:8; stream3", run.Drafted(1, 1));
        Assert.Equal("", run.Verified(2, (1, 0, 25), (2, 0, 29)));
        Assert.Equal("pass3 1:0 2:0; draft3 1:8 2:8; stream4", run.Drafted(2, 1, 2));
    }

    [Fact]
    public void An_answer_that_its_prompt_ends_is_forgotten()
    {
        var run = new ScheduleSteps(Create());
        Assert.Equal("pass1 1:3; draft1 1:8; stream2", run.Ready(1, prompt: 3, tokens: 30));
        // The first token was the end of the text.
        Assert.Equal("", run.Verified(1));
        Assert.Equal("", run.Drafted(1));
        Assert.Equal("pass2 2:3; draft2 2:8; stream3", run.Ready(2, prompt: 3, tokens: 30));
    }

    [Fact]
    public void Who_could_not_draft_has_its_root_verified_once()
    {
        var run = new ScheduleSteps(Create());
        Assert.Equal("pass1 1:3; draft1 1:8; stream2", run.Ready(1, prompt: 3, tokens: 30));
        // Inside the pass: it tells how the sequence goes on.
        Assert.Equal("", run.Drafted(1));
        Assert.Equal("draft2 1:8", run.Verified(1, (1, 0, 29)));
        // After it: there is no tree that could be gone on with.
        Assert.Equal("pass2 1:0; stream3", run.Drafted(2));
        Assert.Equal("draft3 1:8", run.Verified(2, (1, 0, 28)));
    }

    [Fact]
    public void Nothing_is_drafted_below_a_prompt_of_which_one_token_is_asked() =>
        Assert.Equal("pass1 1:3", new ScheduleSteps(Create()).Ready(1, prompt: 3, tokens: 1));

    private static ISchedule Create() => ScheduleCatalog.BuiltIn.Create("draft-ahead", Settings);
}
