using SubSpec.Core;
using SubSpec.Core.Schedules;

namespace SubSpec.Cli.Options;

/// <summary>One <c>--set schedule.key=value</c>: a setting of one schedule only, stronger than the <c>--draft-…</c> options.</summary>
internal sealed record ScheduleSetting(string Schedule, string Key, string Value)
{
    /// <exception cref="BadInputException">Not of that form.</exception>
    public static ScheduleSetting Parse(string text)
    {
        int dot = text.IndexOf('.'), equals = text.IndexOf('=');
        if (dot < 1 || equals < dot + 2 || equals == text.Length - 1)
            throw new BadInputException($"--set '{text}' is not schedule.key=value: write it like {ScheduleCatalog.Default}.depth=24");
        return new ScheduleSetting(text[..dot], text[(dot + 1)..equals], text[(equals + 1)..]);
    }

    /// <exception cref="BadInputException">The catalog has no such schedule, or it no such setting, or that no such value.</exception>
    public ScheduleCatalog ApplyTo(ScheduleCatalog catalog)
    {
        try
        {
            return catalog.Set(Schedule, Key, Value);
        }
        catch (BadInputException e)
        {
            throw new BadInputException($"--set {Schedule}.{Key}={Value}: {e.Message}", e);
        }
    }
}
