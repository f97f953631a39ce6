using System.CommandLine;
using System.Globalization;
using SubSpec.Core;

namespace SubSpec.Cli.Options;

/// <summary>Options whose values are checked while parsing: a bad one becomes a parse error that names option, value and what to give.</summary>
internal static class Typed
{
    public static Option<bool> Flag(string name, string description) => new(name) { Description = description };

    public static Option<string?> Text(string name, string placeholder, string description) => Parsed<string?>(name, placeholder, description, text => text);

    public static Option<string[]> Texts(string name, string placeholder, string description) =>
        new(name) { Description = description, HelpName = placeholder, Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = false };

    public static Option<int?> Whole(string name, int least, int most, string description) => Parsed<int?>(name, "N", description, text =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most
            ? value
            : throw new BadInputException($"{name} '{text}' is not valid: give a whole number from {least} to {most}"));

    /// <summary>A number; its range is checked where it is used.</summary>
    public static Option<double?> Real(string name, string placeholder, string description) => Parsed<double?>(name, placeholder, description, text =>
        Number(text) ?? throw new BadInputException($"{name} '{text}' is not a number: write it like 0.8"));

    public static Option<long?> Size(string name, string description) =>
        Parsed<long?>(name, "SIZE", description, text => ByteSize.Parse(text, name));

    /// <summary>Names separated by commas.</summary>
    public static Option<string[]?> Names(string name, string description, Action<string> check) => Parsed<string[]?>(name, "a,b", description, text =>
    {
        string[] names = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (names.Length == 0) throw new BadInputException($"{name} '{text}' names nothing: separate names by commas");
        Array.ForEach(names, check);
        return [.. names.Distinct()];
    });

    public static Option<T> Parsed<T>(string name, string placeholder, string description, Func<string, T> parse) => new(name)
    {
        Description = description,
        HelpName = placeholder,
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result =>
        {
            try
            {
                return parse(result.Tokens[0].Value);
            }
            catch (BadInputException e)
            {
                result.AddError(e.Message);
                return default;
            }
        },
    };

    public static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? value : null;
}
