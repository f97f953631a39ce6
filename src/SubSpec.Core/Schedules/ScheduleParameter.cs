using System.Globalization;

namespace SubSpec.Core.Schedules;

/// <summary>A number that a schedule can be told.</summary>
/// <param name="Name">The key of <c>--set schedule.key=value</c>.</param>
/// <param name="Default">Used where nothing else is asked for.</param>
/// <param name="Least">The smallest value that is allowed.</param>
/// <param name="Most">The largest.</param>
/// <param name="Help">What it is, in one line.</param>
public sealed record ScheduleParameter(string Name, double Default, double Least, double Most, string Help)
{
    /// <summary>False where any number in the range will do; else it has to be a whole one.</summary>
    public bool IsWhole { get; init; } = true;

    /// <summary>Reads a value. Throws <see cref="BadInputException"/> where it is no number or out of range.</summary>
    public double Parse(string text)
    {
        NumberStyles style = IsWhole ? NumberStyles.AllowLeadingSign : NumberStyles.Float;
        bool isNumber = double.TryParse(text, style, CultureInfo.InvariantCulture, out double value);
        return isNumber && value >= Least && value <= Most
            ? value
            : throw new BadInputException(string.Create(
                CultureInfo.InvariantCulture, $"'{text}' is not valid for {Name} ({Help}): give a {(IsWhole ? "whole " : "")}number from {Least} to {Most}"));
    }
}
