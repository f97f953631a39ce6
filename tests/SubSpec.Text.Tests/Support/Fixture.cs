using System.Text.Json;

namespace SubSpec.Text.Tests.Support;

/// <summary>Expected values that tools/reference-vectors made with other implementations.</summary>
internal static class Fixture
{
    public static JsonElement Json(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Repository.Fixtures, name)));
        return document.RootElement.Clone();
    }

    public static string Text(string name) => File.ReadAllText(Path.Combine(Repository.Fixtures, name));
}
