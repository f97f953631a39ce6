using System.Globalization;
using System.Reflection;
using SubSpec.ValidateSimulator;

// validate-simulator [--repeat N] [--out FILE]: measures, predicts, and writes the page.
string Metadata(string key) => Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == key).Value!;
string? Argument(string name) => Array.IndexOf(args, name) is >= 0 and int at && at + 1 < args.Length ? args[at + 1] : null;

if (args.Length % 2 != 0 || args.Where((_, i) => i % 2 == 0).Any(a => a is not ("--repeat" or "--out")))
{
    Console.Error.WriteLine("validate-simulator: give [--repeat N] [--out FILE]");
    return 2;
}
if (!int.TryParse(Argument("--repeat") ?? "3", NumberStyles.None, CultureInfo.InvariantCulture, out int repeat) || repeat < 1)
{
    Console.Error.WriteLine("validate-simulator: --repeat takes a whole number from 1");
    return 2;
}

string folder = Directory.CreateTempSubdirectory("validate-simulator-").FullName;
try
{
    var experiment = new Experiment(new SubSpecProgram(Metadata("Program")), folder);
    Dictionary<Point, List<Figures>> predicted = [], measured = [];
    for (int i = 1; i <= repeat; i++)
    {
        Console.Error.WriteLine($"{i} of {repeat}: calibrating");
        experiment.Calibrate();
        foreach ((Point point, Figures figures) in experiment.Predict()) Add(predicted, point, figures);
        foreach ((Point point, Figures figures) in experiment.Measure())
        {
            Console.Error.WriteLine($"{i} of {repeat}: {point}: {figures.Speed:0.0} tok/s, predicted {predicted[point][^1].Speed:0.0}");
            Add(measured, point, figures);
        }
        // What is there so far is worth having where somebody stops it.
        File.WriteAllText(Argument("--out") ?? Metadata("Page"), Page.Write(predicted, measured));
    }
    Console.Write(File.ReadAllText(Path.Combine(folder, "calibrated.json")));
    return 0;
}
finally
{
    Directory.Delete(folder, recursive: true);
}

static void Add(Dictionary<Point, List<Figures>> all, Point point, Figures figures)
{
    if (!all.TryGetValue(point, out List<Figures>? list)) all.Add(point, list = []);
    list.Add(figures);
}
