using System.Globalization;

namespace SubSpec.ValidateSimulator;

/// <summary>A model, what is measured of it, and the one benchmark that predictions are calibrated from: none of the points.</summary>
/// <param name="Bench">What <c>subspec bench</c> is told about the model.</param>
/// <param name="Simulate">What <c>subspec simulate</c> is told about it.</param>
/// <param name="Links">MB/s.</param>
/// <param name="Prompts">How many of the prompts there are.</param>
/// <param name="MaxTokens">Of an answer.</param>
/// <param name="CalibrationMethods">Plain decoding shows passes of few rows, where it can be afforded.</param>
internal sealed record Workload(
    string Name, string[] Bench, string[] Simulate, int[] Links, int[] Depths, string[] Schedules, int[] Sessions, int Prompts, int MaxTokens, int CalibrationLink, string CalibrationMethods)
{
    public const int CalibrationDepth = 16;
    public const string CalibrationSchedule = "shared";

    public static Workload Demo { get; } = new(
        "the demo model", [], [], [100, 200, 400], [8, 32], ["prefetch", "shared", "draft-ahead", "adaptive"], [1, 4], 8, 64, 150, "autoregressive,subspec");

    /// <summary>The model of 1.2 billion parameters that tools/grow-model makes.</summary>
    public static Workload Large(string folder) => new(
        "the model of 1.2 billion parameters that tools/grow-model makes",
        ["--model", folder, "--memory-budget", Budget],
        ["--shape", folder, "--memory-budget", Budget],
        [1000], [8, 32], ["prefetch", "shared", "draft-ahead"], [1, 4], 4, 32, 1000, "subspec");

    private const string Budget = "1.4GiB";

    public string Calibration => string.Create(
        CultureInfo.InvariantCulture, $"schedule {CalibrationSchedule}, depth {CalibrationDepth}, {string.Join(" and ", Sessions)} sessions, {CalibrationLink} MB/s, methods {CalibrationMethods}");
}
