using System.Globalization;

namespace SubSpec.ValidateSimulator;

/// <summary>A model, what is measured of it, and the one benchmark that predictions are calibrated from: none of the points.</summary>
/// <param name="Bench">What <c>subspec bench</c> is told about the model.</param>
/// <param name="Simulate">What <c>subspec simulate</c> is told about it.</param>
/// <param name="Links">MB/s.</param>
/// <param name="Prompts">How many of the prompts there are.</param>
/// <param name="MaxTokens">Of an answer.</param>
/// <param name="CalibrationMethods">Plain decoding shows passes of few rows, where it can be afforded.</param>
/// <param name="CalibrationRepeat">The calibration has fewer measurements than the points together, so that code that is compiled meanwhile weighs more in it.</param>
internal sealed record Workload(
    string Name, string[] Bench, string[] Simulate, int[] Links, int[] Depths, string[] Schedules, int[] Sessions, int Prompts, int MaxTokens, int CalibrationLink, string CalibrationMethods,
    int CalibrationRepeat)
{
    public const int CalibrationDepth = 16;
    public const string CalibrationSchedule = "shared";

    public static Workload Demo { get; } = new(
        "the demo model", [], [], [150, 250, 400], [8, 32], ["prefetch", "shared", "draft-ahead", "adaptive"], [1, 4], 8, 64, 300, "autoregressive,subspec", 2);

    /// <summary>The model of 1.2 billion parameters that tools/grow-model makes.</summary>
    public static Workload Large(string folder) => new(
        "the model of 1.2 billion parameters that tools/grow-model makes",
        ["--model", folder, "--memory-budget", Budget],
        ["--shape", folder, "--memory-budget", Budget],
        [1000], [8, 32], ["prefetch", "shared", "draft-ahead"], [1, 4], 4, 32, 1000, "subspec", 1);

    private const string Budget = "1.4GiB";

    public string Calibration => string.Create(
        CultureInfo.InvariantCulture, $"schedule {CalibrationSchedule}, depth {CalibrationDepth}, {string.Join(" and ", Sessions)} sessions, {CalibrationLink} MB/s, methods {CalibrationMethods}, repeated {CalibrationRepeat} times");
}
