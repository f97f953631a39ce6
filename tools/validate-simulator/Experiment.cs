using System.Globalization;
using System.Text.Json;

namespace SubSpec.ValidateSimulator;

/// <summary>The points, a calibration apart from all of them, the measurements and the predictions.</summary>
internal sealed class Experiment(SubSpecProgram program, string folder)
{
    private const string Depths = "8,32", Schedules = "prefetch,shared", Sessions = "1,4", Tokens = "48", PromptTokens = "6";

    private static readonly int[] _links = [50, 100, 200];

    private static readonly string[] _prompts =
    [
        "Once upon a time", "One day, a little girl named", "The big dog ran to", "Tom and his sister went to the park",
        "There was a small bird who", "Mia had a red ball", "It was a sunny day and", "The old man had a",
    ];

    /// <summary>What the calibration run was, for the page.</summary>
    public static string Calibration => "depth 16, schedule shared, 1 and 4 sessions, plain decoding too, at 150 MB/s";

    private string PromptFile => Path.Combine(folder, "prompts.jsonl");

    private string CalibrationFile => Path.Combine(folder, "calibration.json");

    private string HardwareFile => Path.Combine(folder, "calibrated.json");

    /// <summary>
    /// Fits a hardware file and an acceptance to a run that is none of the points. Taken anew before each repetition: on a shared machine the
    /// speed of computing is not the same for long.
    /// </summary>
    public void Calibrate()
    {
        File.WriteAllLines(PromptFile, _prompts.Select(p => JsonSerializer.Serialize(new Dictionary<string, string> { ["prompt"] = p })));
        program.Run(Bench(150, "16", ["--methods", "autoregressive,subspec", "--schedules", "shared"], CalibrationFile, 1));
        File.WriteAllText(HardwareFile, program.Run("simulate", "--hardware", "this-machine", "--calibrate", CalibrationFile));
    }

    /// <summary>All points once, in turn.</summary>
    public IEnumerable<(Point Point, Figures Figures)> Measure()
    {
        foreach (int link in _links)
        {
            foreach (string depth in Depths.Split(','))
            {
                string file = Path.Combine(folder, "bench.json");
                program.Run(Bench(link, depth, ["--methods", "subspec", "--schedules", Schedules], file, 1));
                foreach ((Point, Figures) row in Rows(File.ReadAllText(file), _ => link * 1e6)) yield return row;
            }
        }
    }

    public IEnumerable<(Point Point, Figures Figures)> Predict() => Rows(
        program.Run(
            "simulate", "--hardware", HardwareFile, "--acceptance", CalibrationFile, "--schedules", Schedules, "--draft-depth", Depths, "--sessions", Sessions,
            "--link-bandwidth", string.Join(',', _links.Select(link => $"{link}MB/s")), "--max-tokens", MeanTokens(), "--prompt-tokens", PromptTokens, "--answers", "400", "--json"),
        row => row.GetProperty("link_bandwidth").GetDouble());

    /// <summary>Tokens of an answer: some texts end before the limit.</summary>
    private string MeanTokens()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(CalibrationFile));
        JsonElement row = document.RootElement.GetProperty("rows").EnumerateArray().First(r => r.GetProperty("draft_depth").GetInt32() > 0 && r.GetProperty("sessions").GetInt32() == 1);
        return Math.Round(1 + row.GetProperty("decoded_tokens").GetDouble() / row.GetProperty("samples").GetInt32()).ToString(CultureInfo.InvariantCulture);
    }

    private string[] Bench(int link, string depth, string[] what, string file, int times) =>
    [
        "bench", .. what, "--sessions", Sessions, "--draft-depth", depth, "--link-bandwidth", $"{link}MB/s", "--prompts", PromptFile, "--max-tokens", Tokens,
        "--temperature", "0", "--seed", "1", "--repeat", times.ToString(CultureInfo.InvariantCulture), "--json", file,
    ];

    private static List<(Point, Figures)> Rows(string json, Func<JsonElement, double> link)
    {
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.GetProperty("rows").EnumerateArray().Select(row => (Point.Of(row, link(row)), Figures.Of(row)))];
    }
}
