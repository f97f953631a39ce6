using SubSpec.Server.Tests.Http.Support;

namespace SubSpec.Server.Tests.Clients;

/// <summary>The sample of the README, as it is run.</summary>
public class ChatSampleTests
{
    [Fact]
    public async Task The_sample_holds_a_conversation()
    {
        string output = await ExternalProgram.RunAsync("dotnet", [Path.Combine(AppContext.BaseDirectory, "chat-sample.dll"), DemoEngines.Folder], "Tell me a story.\nGo on.\n");
        string[] answers = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(answers.Length >= 2, output);
        Assert.StartsWith("Once upon a time", answers[0], StringComparison.Ordinal);
    }
}
