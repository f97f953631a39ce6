using System.Collections.Immutable;
using System.Globalization;
using SubSpec.Core.Generation;
using SubSpec.Core.Schedules;
using SubSpec.Core.Trees;
using Xunit.Abstractions;

namespace SubSpec.Server.Tests.Lossless;

/// <summary>
/// Speculation through the real actors and engine gives the tokens of plain decoding, whatever the engine, schedule, tree, sampling
/// and neighbours. Free and rejected KV slots hold NaN throughout. SUBSPEC_LOSSLESS_RUNS and SUBSPEC_LOSSLESS_TOKENS enlarge the sample.
/// </summary>
[Collection(nameof(DemoEngines))]
public class LosslessSampleTests(ITestOutputHelper output)
{
    private const int Seed = 20261122;

    [Fact]
    public async Task Every_run_of_the_sample_gives_the_tokens_of_plain_decoding()
    {
        int runs = Setting("SUBSPEC_LOSSLESS_RUNS", 48), tokens = Setting("SUBSPEC_LOSSLESS_TOKENS", 40);
        IReadOnlyList<LosslessCase> cases = LosslessCase.Draw(runs, LosslessPrompts.All.Length, Seed);
        (int covered, int all) = LosslessCase.Pairs(cases, LosslessPrompts.All.Length);
        if (runs >= 1000) Assert.Equal(all, covered);

        Dictionary<(int, int), ImmutableArray<int>> plain = await PlainAsync(
            from prompt in Enumerable.Range(0, LosslessPrompts.All.Length) from sampling in Enumerable.Range(0, LosslessCase.Samplings.Length) select (prompt, sampling), tokens);
        long compared = 0, accepted = 0;
        foreach (IGrouping<EngineCase, LosslessCase> engine in cases.GroupBy(c => c.Engine))
        {
            await using IInferenceHost host = await DemoEngines.StartAsync(engine.Key);
            foreach (LosslessCase run in engine)
            {
                await host.UseScheduleAsync(run.Schedule, run.Shape, CancellationToken.None);
                // Neighbours differ in prompt and sampling, so that their rows and lengths differ as well.
                (int Prompt, int Sampling)[] jobs = [.. Enumerable.Range(0, run.Sessions)
                    .Select(i => ((run.Prompt + i) % LosslessPrompts.All.Length, (run.Sampling + i) % LosslessCase.Samplings.Length))];
                GenerationResult[] results = await Task.WhenAll(jobs.Select(j => GenerateAsync(host, j.Prompt, j.Sampling, tokens)));
                foreach (((int Prompt, int Sampling) job, GenerationResult result) in jobs.Zip(results))
                {
                    Assert.True(plain[job].SequenceEqual(result.TokenIds), $"{run}, prompt {job.Prompt}, sampling {job.Sampling}");
                    compared += result.TokenIds.Length;
                    accepted += result.AcceptanceHistogram.Select((n, k) => (long)n * k).Sum();
                }
            }
        }
        Assert.True(accepted > compared / 4, $"only {accepted} of {compared} tokens were drafted: this sample shows little");
        output.WriteLine($"{runs} runs, {compared} tokens identical, {accepted} of them drafted, {covered} of {all} pairs of factors covered");
    }

    [Fact]
    public async Task Layers_and_draft_steps_that_are_late_at_random_change_no_token()
    {
        const int Tokens = 40;
        (int Prompt, int Sampling)[] jobs = [(0, 0), (1, 1), (2, 2)];
        Dictionary<(int, int), ImmutableArray<int>> plain = await PlainAsync(jobs, Tokens);
        LateEngine? late = null;
        await using IInferenceHost host = await DemoEngines.StartAsync(new EngineCase(ResidentShare: 0, Threads: 2, ChunkRows: 64), engine => late = new LateEngine(engine, Seed));
        foreach (string schedule in ScheduleCatalog.BuiltIn.Names)
        {
            await host.UseScheduleAsync(schedule, new DraftShape(12, 2, 0.01, 25), CancellationToken.None);
            GenerationResult[] results = await Task.WhenAll(jobs.Select(j => GenerateAsync(host, j.Prompt, j.Sampling, Tokens)));
            foreach (((int, int) job, GenerationResult result) in jobs.Zip(results)) Assert.True(plain[job].SequenceEqual(result.TokenIds), $"{schedule}, {job}");
        }
        Assert.InRange(late!.Delays, 200, int.MaxValue);
    }

    private static async Task<Dictionary<(int, int), ImmutableArray<int>>> PlainAsync(IEnumerable<(int Prompt, int Sampling)> jobs, int tokens)
    {
        var plain = new Dictionary<(int, int), ImmutableArray<int>>();
        await using IInferenceHost host = await DemoEngines.StartAsync(new EngineCase(ResidentShare: 1, Threads: 1, ChunkRows: 64));
        await host.UseScheduleAsync("sequential", DraftShape.None, CancellationToken.None);
        foreach ((int prompt, int sampling) in jobs) plain[(prompt, sampling)] = (await GenerateAsync(host, prompt, sampling, tokens)).TokenIds;
        return plain;
    }

    private static async Task<GenerationResult> GenerateAsync(IInferenceHost host, int prompt, int sampling, int tokens)
    {
        var request = new GenerationRequest
        {
            Prompt = new Prompt.Text(LosslessPrompts.All[prompt]),
            Sampling = LosslessCase.Samplings[sampling],
            MaxTokens = tokens,
        };
        GenerationResult? result = null;
        await foreach (GenerationEvent happened in host.GenerateAsync(request, CancellationToken.None))
            if (happened is Completed completed) result = completed.Result;
        return result!;
    }

    private static int Setting(string name, int absent) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : absent;
}
