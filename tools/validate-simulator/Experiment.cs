using System.Globalization;
using System.Text.Json;

namespace SubSpec.ValidateSimulator;

/// <summary>One repetition of a workload: the calibration, the measurements and the predictions. What is in its folder already is not measured again.</summary>
internal sealed class Experiment(SubSpecProgram program, Workload workload, string folder)
{
    private static readonly string[] _prompts =
    [
        "Once upon a time", "One day, a little girl named", "The big dog ran to", "Tom and his sister went to the park",
        "There was a small bird who", "Mia had a red ball", "It was a sunny day and", "The old man had a",
    ];

    /// <summary>Times that the recorded answers are decoded in a simulation: what is not known of them is drawn.</summary>
    private const int Draws = 10;

    private string CalibrationFile => Path.Combine(folder, "calibration.json");

    public bool IsMeasured => File.Exists(CalibrationFile) && Runs().All(run => File.Exists(run.File));

    /// <summary>The calibration, then all points once, in turn.</summary>
    public void Measure()
    {
        Directory.CreateDirectory(folder);
        File.WriteAllLines(
            Path.Combine(folder, "prompts.jsonl"), _prompts.Take(workload.Prompts).Select(p => JsonSerializer.Serialize(new Dictionary<string, string> { ["prompt"] = p })));
        Bench(workload.CalibrationLink, Workload.CalibrationDepth, workload.CalibrationMethods, [Workload.CalibrationSchedule], workload.CalibrationRepeat, CalibrationFile);
        foreach ((int link, int depth, string file) in Runs()) Bench(link, depth, "subspec", workload.Schedules, 1, file);
    }

    /// <summary>What the points were measured at, and what a simulation says about them that was calibrated by the one benchmark that is none of them.</summary>
    public IEnumerable<(Point Point, Figures Measured, Figures Predicted)> Compare()
    {
        string hardware = Path.Combine(folder, "hardware.json");
        // Where layers go depends on the sessions and trees that there is to be room for.
        string sessions = string.Join(',', workload.Sessions), calibrated = Text(Workload.CalibrationDepth);
        File.WriteAllText(
            hardware,
            program.Run(["simulate", .. workload.Simulate, "--hardware", "this-machine", "--sessions", sessions, "--draft-depth", calibrated, "--calibrate", CalibrationFile]));
        string[] what =
        [
            "simulate", .. workload.Simulate, "--hardware", hardware, "--acceptance", CalibrationFile, "--schedules", string.Join(',', workload.Schedules),
            "--draft-depth", string.Join(',', workload.Depths), "--sessions", sessions,
            "--link-bandwidth", string.Join(',', workload.Links.Select(link => $"{link}MB/s")), "--answers", Text(workload.Prompts * Draws), "--json",
        ];
        var predicted = Rows(program.Run(what), row => row.GetProperty("link_bandwidth").GetDouble()).ToDictionary(row => row.Point, row => row.Figures);
        return
        [
            .. from run in Runs()
               from row in Rows(File.ReadAllText(run.File), _ => run.Link * 1e6)
               select (row.Point, row.Figures, predicted[row.Point]),
        ];
    }

    private IEnumerable<(int Link, int Depth, string File)> Runs() =>
        from link in workload.Links from depth in workload.Depths select (link, depth, Path.Combine(folder, $"{link}-{depth}.json"));

    private void Bench(int link, int depth, string methods, string[] schedules, int times, string file)
    {
        if (File.Exists(file)) return;
        Console.Error.WriteLine($"{workload.Name}: {link} MB/s, depth {depth}, {string.Join(',', schedules)}");
        string unfinished = file + ".part";
        program.Run(
        [
            "bench", .. workload.Bench, "--methods", methods, "--schedules", string.Join(',', schedules), "--sessions", string.Join(',', workload.Sessions), "--draft-depth", Text(depth),
            "--link-bandwidth", $"{link}MB/s", "--prompts", Path.Combine(folder, "prompts.jsonl"), "--max-tokens", Text(workload.MaxTokens), "--temperature", "0", "--seed", "1", "--repeat", Text(times),
            "--json", unfinished,
        ]);
        File.Move(unfinished, file);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static List<(Point Point, Figures Figures)> Rows(string json, Func<JsonElement, double> link)
    {
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.GetProperty("rows").EnumerateArray().Select(row => (Point.Of(row, link(row)), Figures.Of(row)))];
    }
}
