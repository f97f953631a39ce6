using System.CommandLine;
using System.Reflection;
using SubSpec.Cli.Commands;
using SubSpec.Cli.Output;
using SubSpec.Cli.Serve;
using SubSpec.Core;

namespace SubSpec.Cli;

/// <summary>The program: finds the command, runs it, and turns what goes wrong into one line and an exit code.</summary>
internal static class App
{
    private static readonly ParserConfiguration Parser = new() { EnablePosixBundling = false, ResponseFileTokenReplacer = null };

    public static async Task<int> RunAsync(string[] arguments, CliEnvironment environment)
    {
        var help = new Option<bool>("--help", "-h", "-?") { Recursive = true };
        AppCommand[] commands = [new RunCommand(), new ChatCommand(), new BenchCommand(), new PlanCommand(), new InspectCommand(), new DoctorCommand(), new SimulateCommand(), new ServeCommand()];
        var root = new Command("subspec") { help };
        foreach (AppCommand command in commands) root.Add(command);

        ParseResult parsed = root.Parse(arguments, Parser);
        var chosen = parsed.CommandResult.Command as AppCommand;
        string where = chosen is null ? "subspec" : $"subspec {chosen.Name}";
        try
        {
            if (arguments.Length == 0 || parsed.GetValue(help))
            {
                HelpText.Write(environment.Out, commands, chosen);
                return ExitCodes.Done;
            }
            if (arguments is ["--version"])
            {
                environment.Out.WriteLine(typeof(App).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion);
                return ExitCodes.Done;
            }
            if (ArgumentError(parsed, chosen, commands) is { } error) throw new BadInputException($"{error}; see '{where} --help'");
            return await chosen!.ExecuteAsync(parsed, environment);
        }
        catch (BadInputException e)
        {
            environment.Error.WriteLine($"{where}: {OneLine.Of(e.Message)}");
            return ExitCodes.BadInput;
        }
        // Whatever an interrupted part threw: it was asked to.
        catch (Exception) when (environment.Interrupts.Token.IsCancellationRequested)
        {
            environment.Error.WriteLine($"{where}: interrupted");
            return ExitCodes.Interrupted;
        }
#pragma warning disable CA1031 // the last place where an error can become one line
        catch (Exception e)
#pragma warning restore CA1031
        {
            environment.Error.WriteLine($"{where}: failed: {OneLine.Of(e.Message)} ({e.GetType().Name})");
            return ExitCodes.Failed;
        }
        finally
        {
            environment.Out.Flush();
            environment.Error.Flush();
        }
    }

    private static string? ArgumentError(ParseResult parsed, AppCommand? chosen, AppCommand[] commands)
    {
        if (parsed.UnmatchedTokens.FirstOrDefault() is { } unmatched)
        {
            if (unmatched.StartsWith('-')) return $"unknown option '{unmatched}'";
            return chosen is null
                ? $"unknown command '{unmatched}': use one of {string.Join(", ", commands.Select(c => c.Name))}"
                : $"unexpected argument '{unmatched}'";
        }
        return parsed.Errors.Count > 0 ? OneLine.Of(parsed.Errors[0].Message).TrimEnd('.') : null;
    }
}
