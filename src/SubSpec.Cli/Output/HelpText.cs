using System.CommandLine;
using SubSpec.Cli.Commands;
using SubSpec.Cli.Options;

namespace SubSpec.Cli.Output;

/// <summary>The text of <c>--help</c>.</summary>
internal static class HelpText
{
    private const int Left = 34;

    private const int Width = 118;

    /// <param name="chosen">The command to explain, or null for the program.</param>
    public static void Write(TextWriter output, IReadOnlyList<AppCommand> commands, AppCommand? chosen)
    {
        if (chosen is null) WriteProgram(output, commands);
        else WriteCommand(output, chosen);
    }

    private static void WriteProgram(TextWriter output, IReadOnlyList<AppCommand> commands)
    {
        output.WriteLine("subspec: generate text from models larger than fast memory, many times faster than plain offloading, with the same output.");
        output.WriteLine();
        output.WriteLine("Usage: subspec COMMAND [options]");
        output.WriteLine();
        output.WriteLine("Commands");
        foreach (AppCommand command in commands) output.WriteLine($"  {command.Name,-10}{command.Description}");
        output.WriteLine();
        output.WriteLine("Examples");
        WriteExample(output, "subspec run", "a story by the embedded demo model, and where the time went");
        WriteExample(output, "subspec run --model DIR --prompt \"Once upon a time\" --memory-budget 8GiB", "a model of your own");
        WriteExample(output, "subspec COMMAND --help", "options of a command, with examples");
        output.WriteLine();
        output.WriteLine("subspec --version prints the version.");
        output.WriteLine("Exit codes: 0 done, 1 failed, 2 bad arguments or input, 130 interrupted (Ctrl-C).");
    }

    private static void WriteCommand(TextWriter output, AppCommand command)
    {
        output.WriteLine(command.Description);
        output.WriteLine();
        output.WriteLine($"Usage: subspec {command.Name} {command.Usage}");
        foreach (OptionGroup group in command.Groups)
        {
            output.WriteLine();
            output.WriteLine(group.Title);
            foreach (Option option in group.Options) WriteOption(output, option);
        }
        if (command.Examples.Length > 0)
        {
            output.WriteLine();
            output.WriteLine("Examples");
            foreach ((string line, string shows) in command.Examples) WriteExample(output, line, shows);
        }
        output.WriteLine();
        output.WriteLine("SIZE is written like 512MiB, 1.5GB or 8GiB.");
    }

    private static void WriteOption(TextWriter output, Option option)
    {
        string left = option.HelpName is { } placeholder ? $"  {option.Name} {placeholder}" : $"  {option.Name}";
        output.Write(left.PadRight(Left));
        int column = Math.Max(left.Length, Left);
        foreach (string word in (option.Description ?? "").Split(' '))
        {
            if (column + word.Length + 1 > Width)
            {
                output.WriteLine();
                output.Write(new string(' ', Left));
                column = Left;
            }
            output.Write(" " + word);
            column += word.Length + 1;
        }
        output.WriteLine();
    }

    private static void WriteExample(TextWriter output, string line, string shows)
    {
        output.WriteLine($"  {line}");
        output.WriteLine($"      {shows}");
    }
}
