using System.Text.Json;

namespace SubSpec.Core.Simulation;

/// <summary>Reads and writes a hardware file: an object with a name, a number a key, and under <c>sources</c> where each number comes from.</summary>
public static class HardwareFile
{
    private const string Name = "name", Shares = "shares_compute", Sources = "sources";

    private static readonly (string Key, bool MayBeZero, Func<HardwareProfile, double> Value)[] Numbers =
    [
        ("link_bandwidth", false, p => p.LinkBandwidth),
        ("fast_memory_bytes", false, p => p.FastMemoryBytes),
        ("fast_memory_bandwidth", false, p => p.FastMemoryBandwidth),
        ("matmul_flops", false, p => p.MatmulFlops),
        ("substitute_flops", false, p => p.SubstituteFlops),
        ("verify_layer_overhead_seconds", true, p => p.VerifyLayerOverheadSeconds),
        ("draft_layer_overhead_seconds", true, p => p.DraftLayerOverheadSeconds),
        ("pass_overhead_seconds", true, p => p.PassOverheadSeconds),
    ];

    /// <param name="json">The text of the file.</param>
    /// <param name="where">What messages call it.</param>
    /// <exception cref="BadInputException">Something is missing, unknown, without a source or out of range.</exception>
    public static HardwareProfile Parse(string json, string where)
    {
        using JsonDocument document = Open(json, where);
        JsonElement root = document.RootElement;
        string[] known = [Name, Shares, Sources, .. Numbers.Select(n => n.Key)];
        if (root.EnumerateObject().Select(p => p.Name).FirstOrDefault(name => !known.Contains(name)) is { } unknown)
            throw new BadInputException($"{where}: unknown key '{unknown}': use {string.Join(", ", known)}");
        if (!root.TryGetProperty(Sources, out JsonElement sources) || sources.ValueKind != JsonValueKind.Object)
            throw new BadInputException($"{where}: '{Sources}' is missing: give an object that says of each number where it comes from");
        double[] values = [.. Numbers.Select(n => Number(root, sources, n.Key, n.MayBeZero, where))];
        return new HardwareProfile(
            Text(root, Name, where), values[0], values[1], values[2], values[3], values[4], values[5], values[6], values[7], Flag(root, Shares, where));
    }

    /// <summary>The file of a profile.</summary>
    /// <param name="source">Where a key's number comes from.</param>
    public static string Write(HardwareProfile profile, Func<string, string> source)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteString(Name, profile.Name);
            foreach ((string key, _, Func<HardwareProfile, double> value) in Numbers) writer.WriteNumber(key, value(profile));
            writer.WriteBoolean(Shares, profile.SharesCompute);
            writer.WriteStartObject(Sources);
            foreach ((string key, _, _) in Numbers) writer.WriteString(key, source(key));
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    internal static JsonDocument Open(string json, string where)
    {
        try
        {
            var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind == JsonValueKind.Object) return document;
            document.Dispose();
        }
        catch (JsonException e)
        {
            throw new BadInputException($"{where} is not JSON: give a file with one object", e);
        }
        throw new BadInputException($"{where} holds no JSON object: give a file with one object");
    }

    private static double Number(JsonElement root, JsonElement sources, string key, bool mayBeZero, string where)
    {
        if (!root.TryGetProperty(key, out JsonElement value) || value.ValueKind != JsonValueKind.Number)
            throw new BadInputException($"{where}: '{key}' is missing or no number");
        double number = value.GetDouble();
        if (!double.IsFinite(number) || number < 0 || (number == 0 && !mayBeZero))
            throw new BadInputException($"{where}: '{key}' is {value.GetRawText()}: give a number {(mayBeZero ? "of at least 0" : "above 0")}");
        if (!sources.TryGetProperty(key, out JsonElement source) || source.ValueKind != JsonValueKind.String || string.IsNullOrWhiteSpace(source.GetString()))
            throw new BadInputException($"{where}: '{Sources}' says nothing about '{key}': say where the number comes from");
        return number;
    }

    private static string Text(JsonElement root, string key, string where) =>
        root.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text
            ? text
            : throw new BadInputException($"{where}: '{key}' is missing or no text");

    private static bool Flag(JsonElement root, string key, string where) =>
        root.TryGetProperty(key, out JsonElement value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : throw new BadInputException($"{where}: '{key}' is missing or neither true nor false");
}
