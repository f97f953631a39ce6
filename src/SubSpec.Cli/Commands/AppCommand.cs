using System.Collections.Immutable;
using System.CommandLine;
using SubSpec.Cli.Options;

namespace SubSpec.Cli.Commands;

/// <summary>One command of the program: its options in groups, examples for its help, and what it does.</summary>
internal abstract class AppCommand(string name, string description) : Command(name, description)
{
    private readonly List<OptionGroup> _groups = [];

    public IReadOnlyList<OptionGroup> Groups => _groups;

    /// <summary>What follows the command's name.</summary>
    public string Usage { get; protected init; } = "[options]";

    /// <summary>Whole command lines, each with what it shows.</summary>
    public ImmutableArray<(string Line, string Shows)> Examples { get; protected init; } = [];

    /// <returns>The exit code.</returns>
    public abstract Task<int> ExecuteAsync(ParseResult parsed, CliEnvironment environment);

    protected void AddGroup(OptionGroup group)
    {
        _groups.Add(group);
        foreach (Option option in group.Options) Options.Add(option);
    }
}
