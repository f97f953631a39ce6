using Spectre.Console;

namespace SubSpec.Cli.Output;

/// <summary>Tables on standard output.</summary>
internal static class Tables
{
    /// <summary>Columns where the output is no terminal: tables are not to be folded.</summary>
    private const int FileWidth = 200;

    /// <summary>A table with these columns; those after the first hold numbers if <paramref name="numbers"/>.</summary>
    public static Table Create(string title, bool numbers, params string[] columns)
    {
        Table table = new Table().Border(TableBorder.Rounded).Title(Markup.Escape(title));
        foreach (string column in columns)
        {
            var made = new TableColumn(Markup.Escape(column));
            table.AddColumn(numbers && table.Columns.Count > 0 ? made.RightAligned() : made);
        }
        return table;
    }

    public static void AddCells(this Table table, params string[] cells) => table.AddRow(cells.Select(Markup.Escape).ToArray());

    public static void Print(CliEnvironment environment, Table table)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = environment.OutIsTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(environment.Out),
        });
        console.Profile.Width = environment.OutIsTerminal ? environment.Width : FileWidth;
        console.Profile.Capabilities.Unicode = true;
        console.Write(table);
    }
}
