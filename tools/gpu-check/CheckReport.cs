using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace SubSpec.GpuCheck;

/// <summary>The figures, in the order in which they were found, and what each is to be compared with.</summary>
internal sealed class CheckReport
{
    private readonly List<(string What, string Found, string Wanted)> _lines = [];
    private readonly JsonObject _json = [];

    /// <summary>Whether a step could not be done, or found what must not be.</summary>
    public bool HasFailed { get; private set; }

    /// <param name="key">Name for scripts.</param>
    /// <param name="wanted">What the figure is to be compared with; empty for nothing.</param>
    public void Add(string key, string what, double value, string format, string wanted = "")
    {
        _json[key] = value;
        _lines.Add((what, string.Format(CultureInfo.InvariantCulture, format, value), wanted));
    }

    public void Add(string key, string what, string value, string wanted = "")
    {
        _json[key] = value;
        _lines.Add((what, value, wanted));
    }

    /// <summary>Everything that a program printed as JSON.</summary>
    public void Attach(string key, JsonNode? value) => _json[key] = value?.DeepClone();

    public void Fail(string step, string reason)
    {
        HasFailed = true;
        Add($"{step}_failed", $"{step}: failed", OneLine(reason));
    }

    /// <summary>Says why a step was left out.</summary>
    public void Skip(string step, string reason) => Add($"{step}_skipped", $"{step}: left out", OneLine(reason));

    public string ToJson() => _json.ToJsonString(new System.Text.Json.JsonSerializerOptions { WriteIndented = true });

    public string ToTable()
    {
        int first = _lines.Max(l => l.What.Length), second = _lines.Max(l => l.Found.Length);
        var table = new StringBuilder();
        foreach ((string what, string found, string wanted) in _lines)
            table.AppendLine($"{what.PadRight(first)}  {found.PadRight(second)}  {(wanted.Length == 0 ? "" : $"wanted: {wanted}")}".TrimEnd());
        return table.ToString();
    }

    private static string OneLine(string text) => string.Join(' ', text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
