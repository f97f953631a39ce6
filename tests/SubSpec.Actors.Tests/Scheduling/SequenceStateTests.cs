using SubSpec.Actors.Kv;
using SubSpec.Actors.Scheduling;
using SubSpec.Core;
using SubSpec.Core.Engine;
using SubSpec.Core.Kv;
using SubSpec.Core.Sampling;
using SubSpec.Core.Schedules;
using SubSpec.Core.Trees;

namespace SubSpec.Actors.Tests.Scheduling;

public class SequenceStateTests
{
    private static readonly SequenceId Id = new(7);
    private static readonly ModelLimits Limits = new(Context: 64, VocabularySize: 100, EosTokens: [0], RowLimit: 32);

    [Fact]
    public void A_prompt_goes_in_chunks_and_the_last_one_chooses_a_token()
    {
        SequenceState sequence = Admitted([1, 2, 3, 4, 5], maxTokens: 10);
        Assert.Equal(new SequenceProgress(Id, 5, 10), sequence.Progress);

        PassRows first = sequence.Rows(promptRows: 3, room: 32);
        Assert.Equal((RowsKind.Prefill, 0), (first.Kind, first.Context));
        Assert.Equal([1, 2, 3], first.Tree.Nodes.Select(n => n.Token));
        Assert.Empty(sequence.Commit(new RowsVerified(Id, null, 3, 0)).Tokens);
        Assert.Equal(new SequenceProgress(Id, 2, 10), sequence.Progress);

        PassRows last = sequence.Rows(promptRows: 3, room: 32);
        Assert.Equal((RowsKind.LastPrefill, 3), (last.Kind, last.Context));
        Committed committed = sequence.Commit(new RowsVerified(Id, new Acceptance([0, 1], 42), 5, 0));

        Assert.Equal([42], committed.Tokens.AsEnumerable());
        Assert.Null(committed.Accepted);
        Assert.Null(committed.Walk);
        Assert.Equal(new SequenceProgress(Id, 0, 9), sequence.Progress);
    }

    [Fact]
    public void A_seed_carries_the_text_of_now_and_what_looks_things_up_until_the_engine_is_gone()
    {
        SequenceState sequence = Prefilled();
        DraftSeed first = sequence.Seed(new DraftOrder(Id, new DraftShape(4, 1, 0, 5)))!;
        int count = sequence.Tokens.Count;
        sequence.Rows(0, 32);
        sequence.Commit(new RowsVerified(Id, new Acceptance([0], 50), 3, 0));
        DraftSeed second = sequence.Seed(new DraftOrder(Id, new DraftShape(4, 1, 0, 5)))!;

        Assert.Equal([.. first.Tokens.ToArray(), 50], second.Tokens.ToArray());
        Assert.Equal((count, 42), (first.Tokens.Length, first.Tokens.Span[^1]));
        Assert.Same(first.Lookup, second.Lookup);
        sequence.Admit(second.Lease, Limits);
        sequence.Rows(promptRows: 32, room: 32);
        sequence.Commit(new RowsVerified(Id, new Acceptance([0], 51), sequence.Tokens.Count, 0));
        Assert.NotSame(first.Lookup, sequence.Seed(new DraftOrder(Id, new DraftShape(4, 1, 0, 5)))!.Lookup);
    }

    [Fact]
    public void A_sequence_without_tree_verifies_its_root_alone()
    {
        SequenceState sequence = Prefilled();

        PassRows rows = sequence.Rows(0, 32);

        Assert.Equal((RowsKind.Verify, 2, 42), (rows.Kind, rows.Context, Assert.Single(rows.Tree.Nodes).Token));
    }

    [Fact]
    public void A_round_adds_the_accepted_tokens_and_the_bonus()
    {
        SequenceState sequence = Prefilled();
        sequence.Take(new TokenTree([new(42, -1), new(10, 0), new(11, 0), new(12, 2)]));
        Assert.Equal(4, sequence.Rows(0, 32).Tree.Count);

        Committed committed = sequence.Commit(new RowsVerified(Id, new Acceptance([0, 2, 3], 50), 5, 2));

        Assert.Equal([11, 12, 50], committed.Tokens.AsEnumerable());
        Assert.Equal((2, Finish.None, 5), (committed.Accepted, committed.Finish, sequence.Context));
        Assert.Equal(2, committed.Walk!.Accepted.Length);
        Assert.Equal([1, 2, 42, 11, 12, 50], sequence.Tokens);
    }

    [Fact]
    public void A_tree_is_verified_once()
    {
        SequenceState sequence = Prefilled();
        sequence.Take(new TokenTree([new(42, -1), new(10, 0)]));
        sequence.Rows(0, 32);
        sequence.Commit(new RowsVerified(Id, new Acceptance([0], 20), 3, 0));

        Assert.Equal([20], sequence.Rows(0, 32).Tree.Nodes.Select(n => n.Token));
    }

    [Fact]
    public void A_tree_is_cut_to_the_rows_that_fit()
    {
        SequenceState sequence = Prefilled();
        sequence.Take(new TokenTree([new(42, -1), new(10, 0), new(11, 0), new(12, 2)]));

        Assert.Equal([42, 10, 11], sequence.Rows(0, 3).Tree.Nodes.Select(n => n.Token));
    }

    [Fact]
    public void An_end_of_text_token_on_the_path_counts_as_accepted_and_ends_it()
    {
        SequenceState sequence = Prefilled();
        sequence.Take(new TokenTree([new(42, -1), new(0, 0), new(12, 1)]));
        sequence.Rows(0, 32);

        Committed committed = sequence.Commit(new RowsVerified(Id, new Acceptance([0, 1, 2], 50), 5, 0));

        Assert.Equal([0], committed.Tokens.AsEnumerable());
        Assert.Equal((1, Finish.EndOfText), (committed.Accepted, committed.Finish));
    }

    [Fact]
    public void After_the_loss_of_the_engine_everything_so_far_is_prompt_and_the_output_goes_on()
    {
        var penalties = new SamplingOptions { FrequencyPenalty = 1 };
        SequenceState sequence = Prefilled(maxTokens: 5, penalties);
        sequence.Rows(0, 32);
        sequence.Commit(new RowsVerified(Id, new Acceptance([0], 43), 3, 0));

        sequence.Evict();
        Assert.Null(sequence.Lease);
        sequence.Admit(Lease(), Limits);

        Assert.Equal(new SequenceProgress(Id, 4, 3), sequence.Progress);
        PassRows rows = sequence.Rows(32, 32);
        Assert.Equal(RowsKind.LastPrefill, rows.Kind);
        Assert.Equal([1, 2, 42, 43], rows.Tree.Nodes.Select(n => n.Token));
        Assert.Equal([1, 2], rows.History.Prompt.Order());
        Assert.Equal([42, 43], rows.History.Output.Keys.Order());
    }

    [Fact]
    public void A_seed_is_cut_to_tokens_slots_and_rows()
    {
        var shape = new DraftShape(20, 4, 0.1, 60);
        SequenceState sequence = Prefilled(maxTokens: 6);

        DraftSeed seed = sequence.Seed(new DraftOrder(Id, shape))!;

        Assert.Equal((2, 42), (seed.Context, seed.RootToken));
        Assert.Equal(shape with { Depth = 4, MaxNodes = 32 }, seed.Shape);
        SequenceState narrow = Prefilled(slots: 16);
        Assert.Equal(14, narrow.Seed(new DraftOrder(Id, shape))!.Shape.MaxNodes);
    }

    [Fact]
    public void Below_a_prompt_a_tree_begins_while_a_pass_takes_its_end_and_at_no_other_time()
    {
        var order = new DraftOrder(Id, new DraftShape(9, 2, 0, 30)) { Continues = true, LooksAhead = true };
        SequenceState sequence = Admitted([1, 2, 3, 4, 5], maxTokens: 10);
        Assert.Null(sequence.Seed(order));
        sequence.Rows(promptRows: 2, room: 32);
        Assert.Null(sequence.Seed(order));
        sequence.Commit(new RowsVerified(Id, null, 2, 0));
        sequence.Rows(promptRows: 3, room: 32);

        DraftSeed seed = sequence.Seed(order)!;
        Assert.Equal((2, 4, 5, true, true), (seed.Context, seed.RootPosition, seed.RootToken, seed.Continues, seed.LooksAhead));
        Assert.Equal([3, 4, 5], seed.Prompt.AsEnumerable());
        Assert.Null(sequence.Seed(order with { Continues = false }));

        sequence.Commit(new RowsVerified(Id, new Acceptance([0], 42), 5, 0));
        Assert.Equal((5, 5, 42, 0), (sequence.Seed(order)!.Context, sequence.Seed(order)!.RootPosition, sequence.Seed(order)!.RootToken, sequence.Seed(order)!.PromptRows));
    }

    [Fact]
    public void Below_a_prompt_no_tree_begins_where_the_lease_has_no_slots_to_read_it_in()
    {
        var order = new DraftOrder(Id, new DraftShape(9, 2, 0, 30)) { Continues = true };
        foreach ((int slots, int? nodes) in new (int, int?)[] { (11, 2), (10, 1), (9, null) })
        {
            SequenceState sequence = Admitted([1, 2, 3, 4, 5], maxTokens: 10, slots: slots);
            sequence.Rows(promptRows: 5, room: 32);
            Assert.Equal(nodes, sequence.Seed(order)?.Shape.MaxNodes);
        }
    }

    [Fact]
    public void Slots_are_asked_for_everything_that_may_come_and_the_trees_but_never_more_than_there_are()
    {
        SequenceState sequence = new(new EnqueueSequence(Id, [1, 2, 3], SamplingOptions.Greedy, 20));
        Assert.Equal(34, sequence.Reserve(11, Limits, 512).Slots);
        SequenceState endless = new(new EnqueueSequence(Id, [1, 2, 3], SamplingOptions.Greedy, int.MaxValue));
        Assert.Equal(75, endless.Reserve(11, Limits, 512).Slots);
        Assert.Equal(70, endless.Reserve(11, Limits, 70).Slots);
    }

    [Fact]
    public void A_prompt_that_fills_the_context_or_leaves_the_vocabulary_does_not_fit()
    {
        Assert.Null(Misfit(new int[63]));
        Assert.Contains("64 tokens and the context holds 64", Misfit(new int[64]), StringComparison.Ordinal);
        Assert.Contains("token id 100", Misfit([100]), StringComparison.Ordinal);
        Assert.Contains("token id -1", Misfit([-1]), StringComparison.Ordinal);

        static string? Misfit(int[] prompt) => new SequenceState(new EnqueueSequence(Id, [.. prompt], SamplingOptions.Greedy, 1)).Misfit(Limits);
    }

    [Fact]
    public void What_is_cached_of_a_prompt_needs_no_rows_and_is_not_booked_again()
    {
        var sequence = new SequenceState(new EnqueueSequence(Id, [.. Enumerable.Range(1, 20)], SamplingOptions.Greedy, 10) { Scope = "key", OfSession = true });
        ReserveKv asked = sequence.Reserve(treeRows: 8, Limits, slots: 64);
        Assert.Equal((Id, 38, "key", true), (asked.Sequence, asked.Slots, asked.Prefix.Scope, asked.Prefix.OfSession));
        Assert.Equal(Enumerable.Range(1, 20), asked.Prefix.Tokens);

        sequence.Admit(Lease() with { Cached = 16 }, Limits);
        Assert.Equal((new SequenceProgress(Id, 4, 10), 16), (sequence.Progress, sequence.Cached));
        PassRows rows = sequence.Rows(promptRows: 32, room: 32);
        Assert.Equal((RowsKind.LastPrefill, 16, 4), (rows.Kind, rows.Context, rows.Tree.Count));
        Assert.Equal(4, sequence.Commit(new RowsVerified(Id, new Acceptance([0, 1, 2, 3], 42), 20, 0)).Prefilled);
        Assert.Equal([17, 18, 19, 20], sequence.Book().Tokens.AsEnumerable());
        Assert.Empty(sequence.Book().Tokens);

        // After a rebuild nothing is cached, and what the answer reported stays true.
        sequence.Admit(Lease(), Limits);
        Assert.Equal((21, 16), (sequence.Progress.PromptLeft, sequence.Cached));
        Assert.Equal(21, sequence.Reserve(8, Limits, 64).Prefix.Tokens.Length);
    }

    [Fact]
    public void Positions_behind_the_end_of_the_text_are_not_booked()
    {
        SequenceState sequence = Prefilled();
        sequence.Book();
        sequence.Take(TokenTree.Chain([42, 5, 0, 6, 7]));
        sequence.Rows(0, 32);

        Assert.Equal(Finish.EndOfText, sequence.Commit(new RowsVerified(Id, new Acceptance([0, 1, 2, 3, 4], 8), 7, 0)).Finish);

        Assert.Equal([42, 5, 0], sequence.Book().Tokens.AsEnumerable());
    }

    [Fact]
    public void A_pass_that_commits_more_than_its_rows_or_nothing_is_a_bug()
    {
        SequenceState sequence = Prefilled();
        sequence.Rows(0, 32);
        Assert.Throws<InvalidOperationException>(() => sequence.Commit(new RowsVerified(Id, new Acceptance([0], 3), 4, 0)));
        Assert.Throws<InvalidOperationException>(() => sequence.Commit(new RowsVerified(Id, new Acceptance([0], 3), 3, 0)));
    }

    private static KvLease Lease(int slots = 64) => new(Id, 1, [.. Enumerable.Range(0, slots)]);

    private static SequenceState Admitted(int[] prompt, int maxTokens, SamplingOptions? sampling = null, int slots = 64)
    {
        var sequence = new SequenceState(new EnqueueSequence(Id, [.. prompt], sampling ?? SamplingOptions.Greedy, maxTokens));
        sequence.Admit(Lease(slots), Limits);
        return sequence;
    }

    private static SequenceState Prefilled(int maxTokens = 50, SamplingOptions? sampling = null, int slots = 64)
    {
        SequenceState sequence = Admitted([1, 2], maxTokens, sampling, slots);
        sequence.Rows(2, 32);
        sequence.Commit(new RowsVerified(Id, new Acceptance([0, 1], 42), 2, 0));
        return sequence;
    }
}
