using SubSpec.Core.Schedules;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Tests.Schedules;

public class RowSharesTests
{
    private static readonly ScheduleSettings Settings = new(new DraftShape(8, 2, 0.02, 20), 64) { PassRows = 64 };

    [Theory]
    [InlineData(60, new[] { 100, 100, 100 }, new[] { 17, 17, 17 }, new[] { 8, 8, 8 })]
    [InlineData(30, new[] { 100, 100, 100 }, new[] { 10, 10, 10 }, new[] { 8, 8, 8 })]
    [InlineData(14, new[] { 100, 100, 100 }, new[] { 4, 5, 5 }, new[] { 3, 4, 4 })]
    [InlineData(14, new[] { 100, 1, 2 }, new[] { 10, 1, 3 }, new[] { 8, 0, 1 })]
    [InlineData(4, new[] { 100, 100, 100 }, new[] { 1, 1, 2 }, new[] { 0, 0, 1 })]
    [InlineData(3, new[] { 100, 100, 100 }, new[] { 1, 1, 1 }, new[] { 0, 0, 0 })]
    public void Everyone_gets_the_same_and_what_one_does_not_need_goes_to_the_others(int rows, int[] tokensLeft, int[] nodes, int[] depths)
    {
        var trees = RowShares.Trees([.. tokensLeft.Select((left, i) => new SequenceProgress(new(i), 0, left))], rows, Settings);
        Assert.Equal(Enumerable.Range(0, tokensLeft.Length), trees.Select(t => (int)t.Sequence.Value));
        Assert.Equal(nodes, trees.Select(t => t.Shape.MaxNodes));
        Assert.Equal(depths, trees.Select(t => t.Shape.Depth));
    }

    [Theory]
    [InlineData(17, 2)]
    [InlineData(13, 2)]
    [InlineData(12, 1)]
    [InlineData(9, 1)]
    public void Where_rows_are_few_trees_become_narrower_before_they_become_shallower(int rows, int width)
    {
        DraftShape shape = Assert.Single(RowShares.Trees([new(new(1), 0, 100)], rows, Settings)).Shape;
        Assert.Equal((8, width), (shape.Depth, shape.Width));
    }

    [Theory]
    [InlineData(10, new[] { 10 })]
    [InlineData(40, new[] { 25, 15 })]
    [InlineData(99, new[] { 25, 20, 5 })]
    [InlineData(0, new int[0])]
    public void Prompts_are_served_in_order(int rows, int[] taken) =>
        Assert.Equal(taken, RowShares.Chunks([new(new(1), 25, 9), new(new(2), 20, 9), new(new(3), 5, 9)], rows).Select(c => c.PromptRows));
}
