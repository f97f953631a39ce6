using System.Collections.Immutable;
using SubSpec.Cli.Commands;
using SubSpec.Cli.Output;
using SubSpec.Core.Generation;
using SubSpec.Server;

namespace SubSpec.Cli.Bench;

/// <summary>One measurement that was taken.</summary>
internal sealed record BenchSample(BenchStep Step, Measurement Measurement);

/// <summary>Takes the measurements of a plan, one after the other.</summary>
internal sealed class BenchRunner(IInferenceHost host, BenchPlan plan, StatusLine line)
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
            line.Show($"{samples.Count + 1} of {steps.Length}: {step.Case}, prompt {step.Prompts[0] + 1}, repetition {step.Repetition}");
            await UseAsync(step.Case, cancel);
            GenerationRequest[] requests = [.. step.Prompts.Select(prompt => plan.Request(step.Case, prompt))];
            samples.Add(new BenchSample(step, await Measurement.TakeAsync(host, requests, onDelta: null, cancel)));
        }
        return samples.ToImmutable();
    }

    private async Task WarmUpAsync(BenchCase bench, CancellationToken cancel)
    {
        line.Show($"warming up: {bench}");
        await UseAsync(bench, cancel);
        GenerationRequest request = plan.Request(bench, 0);
        await Measurement.TakeAsync(host, [request with { MaxTokens = Math.Min(WarmUpTokens, request.MaxTokens) }], onDelta: null, cancel);
    }

    private Task UseAsync(BenchCase bench, CancellationToken cancel) => host.UseScheduleAsync(bench.Decoding.Schedule, bench.Decoding.Shape, cancel);
}
