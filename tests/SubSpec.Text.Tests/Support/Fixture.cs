using System.Text;
using System.Text.Json;

namespace SubSpec.Text.Tests.Support;

/// <summary>Expected values that tools/reference-vectors made with other implementations.</summary>
internal static class Fixture
{
    public static JsonElement Json(string name) => Parse(Text(name));

    public static string Text(string name) => File.ReadAllText(Path.Combine(Repository.Fixtures, name), Encoding.UTF8);

    public static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
