using SubSpec.Actors.Client;
using SubSpec.Actors.Engines;
using SubSpec.Actors.Tests.Fakes;
using SubSpec.Core;
using SubSpec.Core.Generation;

namespace SubSpec.Actors.Tests.Service;

/// <summary>Several sequences in one pass, and one drafting while another is verified.</summary>
public class GroupingTests : ServiceTest
{
    private readonly ToyModel _model = new();

    [Fact]
    public async Task Four_sequences_at_once_need_about_the_passes_and_rounds_of_the_longest_alone()
    {
        InferenceClient client = await StartHeld("shared");
        GenerationResult[] results = await RunTogether(client, 4, () => Built[0].Link.ReleaseAll());

        EngineLoad load = await LoadWhere(client, l => l.Running == 0);
        int longest = results.Max(r => r.Rounds);
        // The first prompt may begin before the others are there.
        Assert.InRange(load.Totals.Passes, longest + 1, longest + 3);
        Assert.InRange(Built[0].Draft.Rounds.Count, longest - 1, longest + 2);
        Assert.Equal(results.Sum(r => r.Rounds), load.Totals.Rounds);
        Assert.All(Built[0].Target.Passes, pass => Assert.InRange(pass.Sum(p => p.Rows), 1, Settings.PassRows));
    }

    [Fact]
    public async Task The_rows_of_many_sequences_fit_into_one_pass()
    {
        InferenceClient client = await StartHeld("shared");
        await RunTogether(client, 8, () => Built[0].Link.ReleaseAll());

        Assert.Contains(Built[0].Target.Passes, pass => pass.Length == 8);
        Assert.All(Built[0].Target.Passes, pass => Assert.InRange(pass.Sum(p => p.Rows), 1, Settings.PassRows));
        // Trees are cut before they are drafted: all eight, and the rows kept for prompts where some wait.
        Assert.All(Built[0].Draft.Rounds, round => Assert.InRange(round.Seeds.Sum(s => s.Shape.MaxNodes), 2, Settings.PassRows));
    }

    [Fact]
    public async Task While_the_pass_of_one_group_waits_for_a_layer_the_other_drafts()
    {
        InferenceClient client = await StartHeld("interleave");
        await RunTogether(client, 2, () =>
        {
            FakeEngine engine = Built[0];
            engine.Link.Hold((read, _) => read >= 40);
            engine.Link.Release(1);
            engine.Link.Release(2);
        }, async () =>
        {
            FakeEngine engine = Built[0];
            await engine.Link.Reads(42);
            // The one that is drafted to its end while the pass is held is the other one.
            await AwaitConditionAsync(
                async () => engine.Target.Passes.Count - 1 == (await client.GetLoadAsync(Limit)).Totals.Passes
                    && engine.Draft.Finished == engine.Draft.Rounds.Count
                    && Assert.Single(engine.Draft.Rounds[^1].Seeds).Sequence != Assert.Single(engine.Target.Passes[^1]).Sequence,
                Patience, TimeSpan.FromMilliseconds(5));
            engine.Link.ReleaseAll();
        });
    }

    private async Task<InferenceClient> StartHeld(string schedule)
    {
        InferenceClient client = Start(schedule: schedule, prepare: (engine, _) => engine.Link.Hold((_, _) => true));
        await client.WaitForEngineAsync(Limit);
        return client;
    }

    /// <summary>Runs so many sequences that are all there before the first layer comes; their tokens must be those of plain decoding.</summary>
    private async Task<GenerationResult[]> RunTogether(InferenceClient client, int count, Action release, Func<Task>? meanwhile = null)
    {
        Task<GenerationResult>[] running = [.. Enumerable.Range(0, count).Select(i => Run(client, Request(PromptOf(i, 5), 60)))];
        await LoadWhere(client, l => l.Running == count);
        await Built[0].Link.Reads(2);
        release();
        if (meanwhile is not null) await meanwhile();
        GenerationResult[] results = await Task.WhenAll(running);
        for (int i = 0; i < count; i++) Assert.Equal(_model.Generate(PromptOf(i, 5), 60), results[i].TokenIds);
        return results;
    }
}
