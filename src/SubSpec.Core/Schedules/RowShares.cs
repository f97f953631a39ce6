using System.Collections.Immutable;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Schedules;

/// <summary>Shares the rows of a pass out. Trees are cut before they are drafted: what is not verified need not be drafted.</summary>
internal static class RowShares
{
    /// <summary>
    /// A tree for each sequence, all of them within so many rows: everyone gets the same share, and what those leave who need less
    /// goes to the others. A share of one row is the root alone.
    /// </summary>
    /// <param name="rows">At least one for each sequence.</param>
    public static ImmutableArray<GroupMember> Trees(IReadOnlyList<SequenceProgress> sequences, int rows, ScheduleSettings settings)
    {
        GroupMember[] members = [.. sequences.Select(s => new GroupMember(s, settings.ShapeFor(s.TokensLeft)))];
        int sharers = members.Length;
        foreach (int i in Enumerable.Range(0, sharers).OrderBy(i => Need(members[i].Shape)))
        {
            DraftShape shape = members[i].Shape;
            int need = Need(shape), share = Math.Min(need, rows / sharers--);
            rows -= share;
            // Few rows go into depth rather than width: measured, a chain of 32 is accepted further than 32 rows two wide.
            int width = Math.Max(1, (int)Math.Round((double)shape.Width * share / need));
            members[i] = members[i] with { Shape = shape with { MaxNodes = share, Depth = Math.Min(shape.Depth, share - 1), Width = width } };
        }
        return [.. members];
    }

    /// <summary>Prompt chunks within so many rows, the oldest prompt first.</summary>
    public static ImmutableArray<PassOrder> Chunks(IEnumerable<SequenceProgress> prompts, int rows)
    {
        var orders = ImmutableArray.CreateBuilder<PassOrder>();
        foreach (SequenceProgress prompt in prompts)
        {
            int taken = Math.Min(prompt.PromptLeft, rows);
            if (taken == 0) break;
            rows -= taken;
            orders.Add(new PassOrder(prompt.Sequence, taken));
        }
        return orders.ToImmutable();
    }

    private static int Need(DraftShape shape) => Math.Min(shape.MaxNodes, 1 + shape.Depth * shape.Width);
}
