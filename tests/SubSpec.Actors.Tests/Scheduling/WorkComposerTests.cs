using System.Collections.Immutable;
using SubSpec.Actors.Scheduling;
using SubSpec.Core;
using SubSpec.Core.Engine;
using SubSpec.Core.Kv;
using SubSpec.Core.Sampling;
using SubSpec.Core.Schedules;
using SubSpec.Core.Trees;

namespace SubSpec.Actors.Tests.Scheduling;

public class WorkComposerTests
{
    private readonly Dictionary<SequenceId, SequenceState> _sequences = new[] { 1L, 2, 3 }.ToDictionary(i => new SequenceId(i), Sequence);

    [Fact]
    public void Orders_share_the_rows_and_each_gets_one()
    {
        ImmutableArray<PassRows> rows = WorkComposer.Rows([Order(1, 5), Order(2, 9), Order(3, 9)], rowLimit: 10, Find);

        Assert.Equal([5, 4, 1], rows.Select(r => r.Tree.Count));
    }

    [Fact]
    public void Sequences_that_are_gone_fall_out()
    {
        _sequences.Remove(new SequenceId(2));

        Assert.Equal([1L, 3], WorkComposer.Rows([Order(1, 1), Order(2, 1), Order(3, 1)], 10, Find).Select(r => r.Sequence.Value));
        var shape = new DraftShape(2, 1, 0, 3);
        DraftOrder[] drafts = [new(new SequenceId(2), shape), new(new SequenceId(3), shape)];
        // One that no prompt stands before any more.
        SequenceState third = _sequences[new SequenceId(3)];
        third.Rows(20, 32);
        third.Commit(new RowsVerified(third.Id, new Acceptance([0], 7), 20, 0));
        Assert.Equal(3, Assert.Single(WorkComposer.Seeds([.. drafts], Find)).Sequence.Value);
    }

    [Fact]
    public void More_sequences_than_rows_is_a_bug_of_the_schedule() =>
        Assert.Throws<InvalidOperationException>(() => WorkComposer.Rows([Order(1, 1), Order(2, 1), Order(3, 1)], 2, Find));

    private static PassOrder Order(long sequence, int rows) => new(new SequenceId(sequence), rows);

    private static SequenceState Sequence(long id)
    {
        var sequence = new SequenceState(new EnqueueSequence(new SequenceId(id), [.. Enumerable.Repeat(1, 20)], SamplingOptions.Greedy, 10));
        sequence.Admit(new KvLease(sequence.Id, id, [.. Enumerable.Range(0, 32)]), new ModelLimits(64, 100, [0], 32));
        return sequence;
    }

    private SequenceState? Find(SequenceId id) => _sequences.GetValueOrDefault(id);
}
