using System.Collections.Immutable;
using System.Globalization;
using SubSpec.Core.Generation;
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

        Dictionary<(int, int), ImmutableArray<int>> plain = await PlainAsync(tokens);
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

    private static async Task<Dictionary<(int, int), ImmutableArray<int>>> PlainAsync(int tokens)
    {
        var plain = new Dictionary<(int, int), ImmutableArray<int>>();
        await using IInferenceHost host = await DemoEngines.StartAsync(new EngineCase(ResidentShare: 1, Threads: 1, ChunkRows: 64));
        await host.UseScheduleAsync("sequential", DraftShape.None, CancellationToken.None);
        for (int prompt = 0; prompt < LosslessPrompts.All.Length; prompt++)
            for (int sampling = 0; sampling < LosslessCase.Samplings.Length; sampling++)
                plain[(prompt, sampling)] = (await GenerateAsync(host, prompt, sampling, tokens)).TokenIds;
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
