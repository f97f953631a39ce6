using Spectre.Console;
using SubSpec.Server;

namespace SubSpec.Cli.Output;

/// <summary>An examination for people.</summary>
internal static class DoctorTable
{
    public static void Write(CliEnvironment environment, DoctorReport report)
    {
        Table table = Tables.Create("doctor", numbers: false, "", "examined", "found");
        foreach (DoctorCheck check in report.Checks) table.AddCells(Names.Of(check.Verdict), check.Name, check.Value);
        Tables.Print(environment, table);
        foreach (DoctorCheck check in report.Checks.Where(c => c.Advice is not null)) environment.Out.WriteLine($"{check.Name}: {check.Advice}");
    }
}
