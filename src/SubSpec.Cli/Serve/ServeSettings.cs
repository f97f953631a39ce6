using System.CommandLine;
using Microsoft.Extensions.Configuration;
using SubSpec.Core;
using SubSpec.Server;

namespace SubSpec.Cli.Serve;

/// <summary>
/// Options of <c>serve</c> that stand elsewhere than on the command line: in the section <c>SubSpec</c> of a file of settings, and
/// stronger, in environment variables that begin with <c>SUBSPEC_</c>. <c>MemoryBudget</c>, <c>SUBSPEC_MEMORY_BUDGET</c> and
/// <c>--memory-budget</c> are one option.
/// </summary>
internal sealed class ServeSettings
{
    public const string FileName = "appsettings.json";
    private const string Section = "SubSpec";
    private const string Prefix = "SUBSPEC_";

    private readonly Dictionary<string, (string Origin, string[] Values)> _found = [];
    private readonly IReadOnlyCollection<Option> _known;

    private ServeSettings(IReadOnlyCollection<Option> known) => _known = known;

    /// <param name="file">The file that was asked for; null for the one in the current folder, if there is one.</param>
    /// <param name="known">The options that may be given so.</param>
    /// <exception cref="BadInputException">The file cannot be read, or something in it or in the environment is not known.</exception>
    public static ServeSettings Read(string? file, CliEnvironment environment, IReadOnlyCollection<Option> known)
    {
        var settings = new ServeSettings(known);
        string path = file ?? Path.Combine(environment.CurrentFolder, FileName);
        if (file is not null || File.Exists(path)) settings.AddFile(path);
        settings.AddVariables(environment.Variables());
        return settings;
    }

    /// <summary>The options as arguments, without those that the command line gives.</summary>
    public IEnumerable<string> Arguments(ParseResult given) =>
        from option in _known
        where given.GetResult(option) is null or { Implicit: true } && _found.ContainsKey(option.Name)
        from argument in ArgumentsOf(option)
        select argument;

    /// <summary>Where the option stands that an error is about; null where it is about none of these.</summary>
    public string? OriginOf(string error) => _found.Where(f => error.Contains(f.Key, StringComparison.Ordinal)).Select(f => f.Value.Origin).FirstOrDefault();

    private void AddFile(string path)
    {
        IConfigurationRoot root;
        try
        {
            root = new ConfigurationBuilder().AddJsonFile(Path.GetFullPath(path), optional: false, reloadOnChange: false).Build();
        }
        catch (Exception e) when (e is IOException or InvalidDataException or FormatException or UnauthorizedAccessException)
        {
            throw new BadInputException($"--config {path} cannot be read ({OneLine.Of((e.InnerException ?? e).Message)}): give a file of JSON, comments allowed", e);
        }
        foreach (IConfigurationSection section in root.GetChildren())
        {
            if (section.Key != Section) throw new BadInputException($"{path}: '{section.Key}' is not known: settings stand in the section '{Section}'");
            foreach (IConfigurationSection setting in section.GetChildren()) Add(setting.Key, $"{path}: {Section}:{setting.Key}", ValuesOf(setting, path));
        }
    }

    private void AddVariables(IEnumerable<KeyValuePair<string, string>> variables)
    {
        foreach ((string name, string value) in variables.OrderBy(v => v.Key, StringComparer.Ordinal))
        {
            // The cache's folder and libtorch's have variables of their own, with a meaning of their own, in all commands.
            if (!name.StartsWith(Prefix, StringComparison.Ordinal) || name is "SUBSPEC_CACHE" or "SUBSPEC_LIBTORCH") continue;
            Add(name[Prefix.Length..], name, [value]);
        }
    }

    private void Add(string key, string origin, string[] values)
    {
        Option option = _known.FirstOrDefault(o => Plain(o.Name) == Plain(key))
            ?? throw new BadInputException($"{origin} is not a setting{NearestName.Hint(key, _known.Select(o => Pascal(o.Name)))}");
        _found[option.Name] = (origin, values);
    }

    private static string[] ValuesOf(IConfigurationSection setting, string path)
    {
        IConfigurationSection[] items = [.. setting.GetChildren()];
        if (items.Length == 0) return setting.Value is { } value ? [value] : [];
        return items.All(i => i.Value is not null)
            ? [.. items.Select(i => i.Value!)]
            : throw new BadInputException($"{path}: {Section}:{setting.Key} is neither a value nor a list of values");
    }

    private IEnumerable<string> ArgumentsOf(Option option)
    {
        (string origin, string[] values) = _found[option.Name];
        if (option is not Option<bool>) return values.SelectMany(value => new[] { option.Name, value });
        return values switch
        {
            [var value] when bool.TryParse(value, out bool on) => on ? [option.Name] : [],
            _ => throw new BadInputException($"{origin} must be true or false"),
        };
    }

    private static string Plain(string name) => name.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();

    private static string Pascal(string option) => string.Concat(option.Split('-', StringSplitOptions.RemoveEmptyEntries).Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
}
