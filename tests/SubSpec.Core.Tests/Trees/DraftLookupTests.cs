using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Tests.Trees;

public class DraftLookupTests
{
    private static readonly DraftShape Shape = new(16, 1, 0, 17);

    [Fact]
    public void A_text_that_repeats_needs_less_than_half_of_the_steps()
    {
        int[] text = [.. Enumerable.Range(0, 40).Select(i => i % 20)];
        (int steps, int rows) = Draft(text, rounds: 10, next: token => (token + 1) % 20);
        Assert.InRange(steps, 1, 10 * 16 / 2);
        Assert.InRange(rows, 10 * 16, 10 * 17);
    }

    [Fact]
    public void A_text_whose_repetitions_go_on_differently_costs_a_few_rows_at_first()
    {
        // Every n-gram of the text was there before; what the draft chooses never followed it.
        int[] text = [.. Enumerable.Range(0, 400).Select(i => i % 20)];
        var random = new Random(3);
        (int steps, int rows) = Draft(text, rounds: 40, next: _ => random.Next(20));
        Assert.Equal(40 * 16, steps);
        Assert.InRange(rows - steps, 0, steps * 3 / 100);
    }

    [Fact]
    public void Guesses_come_back_when_the_text_begins_to_repeat_although_none_was_run_meanwhile()
    {
        var lookup = new DraftLookup();
        var random = new Random(3);
        lookup.Extend([.. Enumerable.Range(0, 400).Select(i => i % 20)]);
        Draft(lookup, 40, _ => random.Next(20));
        (int steps, _) = Draft(lookup, 20, token => (token + 1) % 20);
        Assert.InRange(steps, 1, 20 * 16 / 2);
    }

    [Fact]
    public void Of_a_long_prompt_the_end_is_looked_in_and_what_comes_after_it()
    {
        var lookup = new DraftLookup();
        int[] text = [.. Enumerable.Range(0, DraftLookup.MostPromptTokens + 1000).Select(i => i < 20 ? i : 20 + (i % 20))];
        lookup.Extend(text);
        Assert.Equal(text.Length, lookup.Count);
        lookup.Extend([.. text, 7]);
        Assert.Equal(text.Length + 1, lookup.Count);
        (int steps, _) = Draft(lookup, 20, token => token < 20 ? 20 : 20 + ((token - 19) % 20));
        Assert.InRange(steps, 1, 20 * 16 / 2);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(9, 3)]
    public void A_step_takes_along_what_it_has_rows_for(int room, int most)
    {
        DraftLookup lookup = Repeating();
        var growth = new TreeGrowth(Root, Shape, new AcceptanceCalibration());
        lookup.Guess(growth, room, sequences: 1);
        Assert.InRange(growth.Count - 1, Math.Min(1, most), most);
    }

    [Fact]
    public void Rows_that_cost_much_beside_a_step_that_many_share_are_not_guessed()
    {
        foreach ((double row, int sequences, bool guesses) in new[] { (0.02, 1, true), (0.02, 40, false), (5, 1, false) })
        {
            var growth = new TreeGrowth(Root, Shape with { Prices = new DraftPrices(0.1, row, 0, 99) }, new AcceptanceCalibration());
            Repeating().Guess(growth, room: 3, sequences);
            Assert.Equal(guesses, growth.Count > 1);
        }
    }

    // Of the tree after the first round of 16 and a bonus token.
    private const int Root = (19 + 17) % 20;

    private static DraftLookup Repeating()
    {
        var lookup = new DraftLookup();
        lookup.Extend([.. Enumerable.Range(0, 40).Select(i => i % 20)]);
        Draft(lookup, 1, token => (token + 1) % 20);
        return lookup;
    }

    private static (int Steps, int Rows) Draft(int[] text, int rounds, Func<int, int> next)
    {
        var lookup = new DraftLookup();
        lookup.Extend(text);
        return Draft(lookup, rounds, next);
    }

    /// <summary>Rounds of one sequence, each tree accepted as it is.</summary>
    private static (int Steps, int Rows) Draft(DraftLookup lookup, int rounds, Func<int, int> next)
    {
        (int steps, int rows, int root) = (0, 0, 19);
        for (int round = 0; round < rounds; round++)
        {
            var growth = new TreeGrowth(root, Shape, new AcceptanceCalibration());
            for (; !growth.IsComplete; steps++)
            {
                lookup.Guess(growth, room: 3, sequences: 1);
                (int start, int end) = growth.Frontier;
                for (int node = start; node < end; node++, rows++)
                    if (growth.Holds(node)) growth.Offer(node, [new RankedToken(next(growth[node].Token), 9), new RankedToken(99, 1)]);
                int before = growth.Count, failed = lookup.Settle(growth, rows: 4);
                Assert.Equal(before - failed, growth.Count);
                growth.Step();
            }
            for (int node = 1; node < growth.Count; node++) lookup.Add(growth[node].Token);
            lookup.Add(root = next(growth[growth.Count - 1].Token));
        }
        return (steps, rows);
    }
}
