using System.Text.Json;
using SubSpec.Server.Tests.Clients;

namespace SubSpec.Server.Tests.Engines;

/// <summary>A short run of <c>tools/soak</c>, in a process of its own: it looks at the whole process's memory.</summary>
[Collection(nameof(DemoEngines))]
public class SoakTests
{
    [Fact]
    public async Task A_short_soak_passes_all_its_checks()
    {
        string output = await ExternalProgram.RunAsync("dotnet", [Path.Combine(AppContext.BaseDirectory, "soak.dll"), "--minutes", "0.2", "--model", DemoEngines.Folder]);
        JsonElement result = JsonDocument.Parse(output.TrimEnd().Split('\n')[^1]).RootElement;
        Assert.True(result.GetProperty("passed").GetBoolean());
        string[] kinds = [.. result.GetProperty("requests").EnumerateObject().Select(k => k.Name)];
        Assert.Contains("whole", kinds);
        Assert.Contains("leaves a stream", kinds);
        Assert.Contains("bad", kinds);
    }
}
