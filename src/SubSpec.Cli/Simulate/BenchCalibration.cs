using System.Text.Json;
using SubSpec.Cli.Bench;
using SubSpec.Cli.Options;
using SubSpec.Core;
using SubSpec.Core.Planning;
using SubSpec.Core.Simulation;

namespace SubSpec.Cli.Simulate;

/// <summary>Makes the hardware file of a machine from a result of <c>bench --json</c> that was taken on it.</summary>
internal static class BenchCalibration
{
    private static readonly string[] _kept = ["link_bandwidth", "fast_memory_bytes"];

    /// <returns>The text of the file.</returns>
    /// <exception cref="BadInputException">The result cannot be read, or is of another model.</exception>
    public static string Fit(HardwareProfile start, string file, MemoryPlan plan)
    {
        BenchObject bench = Read(file);
        if (bench.LayersOffloaded != plan.Offloaded || bench.LayersResident != plan.Resident || bench.StreamedBytes != plan.StreamedBytes)
        {
            throw new BadInputException(
                $"{file} is of another model or budget ({bench.LayersOffloaded} layers offloaded, {ByteSize.Format(bench.StreamedBytes)} a pass; here {plan.Offloaded}, {ByteSize.Format(plan.StreamedBytes)}): give its --shape and --memory-budget");
        }
        HardwareProfile fitted = HardwareCalibration.Fit(start, [.. bench.Rows.Select(Costs)], SimulatedModel.Of(plan));
        return HardwareFile.Write(fitted, key => _kept.Contains(key)
            ? "taken over from the file that the calibration began with"
            : $"fitted to {Path.GetFileName(file)}: bench of {bench.Model}, {bench.Threads} threads, {bench.Rows.Length} ways to decode, {bench.Prompts} prompts");
    }

    private static MeasuredCosts Costs(BenchRowObject row)
    {
        double other = row.DecodeSeconds * Math.Max(0, 1 - row.DraftShare - row.VerifyShare - row.StallShare);
        return new MeasuredCosts(
            row.Passes, row.VerifiedRows, row.VerifyShare * row.DecodeSeconds, row.DraftSteps, row.DraftedRows, row.DraftShare * row.DecodeSeconds, other);
    }

    private static BenchObject Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize(PromptOptions.ReadFile(file), BenchJson.Default.BenchObject) is { Rows.IsDefaultOrEmpty: false } bench
                ? bench
                : throw new BadInputException($"--calibrate: {file} has no rows: give a result of bench --json");
        }
        catch (JsonException e)
        {
            throw new BadInputException($"--calibrate: {file} is not a result of bench --json: {OneLine.Of(e.Message)}", e);
        }
    }
}
