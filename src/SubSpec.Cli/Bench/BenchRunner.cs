using System.Collections.Immutable;
using SubSpec.Cli.Commands;
using SubSpec.Cli.Output;
using SubSpec.Core.Generation;
using SubSpec.Core.Timeline;
using SubSpec.Server;

namespace SubSpec.Cli.Bench;

/// <summary>One measurement that was taken.</summary>
/// <param name="Start">Timestamp of the timeline; 0 when it is off.</param>
/// <param name="End">As <paramref name="Start"/>.</param>
internal sealed record BenchSample(BenchStep Step, Measurement Measurement, long Start = 0, long End = 0);

/// <summary>Takes the measurements of a plan, one after the other, and marks the start of each in the timeline.</summary>
internal sealed class BenchRunner(IInferenceHost host, BenchPlan plan, StatusLine line, ITimeline timeline)
{
    /// <summary>Tokens that each case generates before anything is timed: code is compiled and calibrations settle.</summary>
    private const int WarmUpTokens = 8;

    public async Task<ImmutableArray<BenchSample>> RunAsync(CancellationToken cancel)
    {
        foreach (BenchCase bench in plan.Cases) await WarmUpAsync(bench, cancel);
        var samples = ImmutableArray.CreateBuilder<BenchSample>();
        BenchStep[] steps = [.. plan.Steps()];
        foreach (BenchStep step in steps)
        {
            string what = $"{step.Case}, prompt {step.Prompts[0] + 1}, repetition {step.Repetition}";
            line.Show($"{samples.Count + 1} of {steps.Length}: {what}");
            await UseAsync(step.Case, cancel);
            // No measurement may profit from the KV of another one's prompt.
            string scope = $"measurement {samples.Count + 1}";
            GenerationRequest[] requests = [.. step.Prompts.Select(prompt => plan.Request(step.Case, prompt) with { Scope = scope })];
            long start = timeline.Mark(what);
            var measurement = await Measurement.TakeAsync(host, requests, step.Case.Sessions, onDelta: null, cancel);
            samples.Add(new BenchSample(step, measurement, start, timeline.Now()));
        }
        return samples.ToImmutable();
    }

    private async Task WarmUpAsync(BenchCase bench, CancellationToken cancel)
    {
        line.Show($"warming up: {bench}");
        await UseAsync(bench, cancel);
        GenerationRequest request = plan.Request(bench, 0);
        timeline.Mark($"warming up: {bench}");
        await Measurement.TakeAsync(host, [request with { MaxTokens = Math.Min(WarmUpTokens, request.MaxTokens) }], places: 1, onDelta: null, cancel);
    }

    private Task UseAsync(BenchCase bench, CancellationToken cancel) => host.UseScheduleAsync(bench.Decoding.Schedule, bench.Decoding.Shape, cancel);
}
