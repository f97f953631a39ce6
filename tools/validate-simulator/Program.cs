using System.Globalization;
using System.Reflection;
using SubSpec.ValidateSimulator;

// validate-simulator [--repeat N] [--large FOLDER] [--large-repeat N] [--data FOLDER] [--out FILE]: measures, predicts, and writes the page.
const string Usage = "validate-simulator: give [--repeat N] [--large FOLDER] [--large-repeat N] [--data FOLDER] [--out FILE]";
string Metadata(string key) => Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == key).Value!;
string? Argument(string name) => Array.IndexOf(args, name) is >= 0 and int at && at + 1 < args.Length ? args[at + 1] : null;
int? Count(string name, int absent) =>
    Argument(name) is not { } text ? absent : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0 ? count : null;

bool known = args.Length % 2 == 0 && args.Where((_, i) => i % 2 == 0).All(a => a is "--repeat" or "--large" or "--large-repeat" or "--data" or "--out");
if (!known || Count("--repeat", 3) is not { } repeat || Count("--large-repeat", 1) is not { } largeRepeat)
{
    Console.Error.WriteLine(Usage);
    return 2;
}

// What was measured is kept in --data: a run that was stopped goes on there.
string folder = Argument("--data") ?? Directory.CreateTempSubdirectory("validate-simulator-").FullName;
var program = new SubSpecProgram(Metadata("Program"));
List<(string Folder, Workload Workload, int Repeat)> parts = [("demo", Workload.Demo, repeat)];
if (Argument("--large") is { } large) parts.Add(("large", Workload.Large(Path.GetFullPath(large)), largeRepeat));
try
{
    var comparisons = new List<Comparison>();
    foreach ((string name, Workload workload, int times) in parts)
    {
        Experiment[] all = [.. Enumerable.Range(1, times).Select(i => new Experiment(program, workload, Path.Combine(folder, name, i.ToString(CultureInfo.InvariantCulture))))];
        foreach (Experiment experiment in all.Where(e => !e.IsMeasured)) experiment.Measure();
        comparisons.Add(new Comparison(workload, [.. all.Select(e => e.Compare().ToArray())]));
    }
    File.WriteAllText(Argument("--out") ?? Metadata("Page"), Page.Write(comparisons));
    return 0;
}
finally
{
    if (Argument("--data") is null) Directory.Delete(folder, recursive: true);
}
