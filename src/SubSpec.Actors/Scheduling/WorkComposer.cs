using System.Collections.Immutable;
using SubSpec.Core;
using SubSpec.Core.Engine;
using SubSpec.Core.Schedules;

namespace SubSpec.Actors.Scheduling;

/// <summary>A schedule's orders as work for the engine. Sequences that are gone fall out, and of drafts those that cannot begin yet.</summary>
internal static class WorkComposer
{
    public static ImmutableArray<DraftSeed> Seeds(ImmutableArray<DraftOrder> orders, Func<SequenceId, SequenceState?> find)
    {
        var seeds = ImmutableArray.CreateBuilder<DraftSeed>(orders.Length);
        foreach (DraftOrder order in orders)
            if (find(order.Sequence)?.Seed(order) is { } seed) seeds.Add(seed);
        return seeds.ToImmutable();
    }

    /// <summary>Rows of all orders within the limit: an order takes what those after it leave of it when each of them gets one row.</summary>
    public static ImmutableArray<PassRows> Rows(ImmutableArray<PassOrder> orders, int rowLimit, Func<SequenceId, SequenceState?> find)
    {
        var rows = ImmutableArray.CreateBuilder<PassRows>(orders.Length);
        int room = rowLimit;
        for (int i = 0; i < orders.Length; i++)
        {
            if (find(orders[i].Sequence) is not { } sequence) continue;
            int others = orders.Length - 1 - i;
            if (room <= others) throw new InvalidOperationException($"{orders.Length} sequences do not fit into a pass of {rowLimit} rows");
            PassRows taken = sequence.Rows(orders[i].PromptRows, room - others);
            room -= taken.Tree.Count;
            rows.Add(taken);
        }
        return rows.ToImmutable();
    }
}
