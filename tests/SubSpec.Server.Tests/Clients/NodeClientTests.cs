using System.Text.Json;
using SubSpec.Server.Tests.Http.Support;

namespace SubSpec.Server.Tests.Clients;

/// <summary>The npm package <c>openai</c>, unmodified.</summary>
[Collection(nameof(ServerFixture))]
public class NodeClientTests(ServerFixture server, NodeClientTests.Run run) : IClassFixture<NodeClientTests.Run>
{
    private const string Fixed = """{"messages": [{"role": "user", "content": "Tell me a story."}], "temperature": 0.8, "seed": 5, "max_tokens": 24}""";

    [ProgramFact("node", "npm")]
    public async Task The_npm_package_chats_streams_stops_and_counts()
    {
        JsonElement got = await run.OnceAsync(server);
        string expected = (await server.Api.OkAsync(ApiClient.Chat, Fixed)).Content();
        Assert.Equal("demo", Assert.Single(got.GetProperty("models").EnumerateArray()).GetString());
        Assert.Equal((expected, "length"), (got.GetProperty("chat").Content(), got.GetProperty("chat").Finish()));

        JsonElement stream = got.GetProperty("stream");
        Assert.Equal((expected, "length"), (stream.GetProperty("text").GetString(), stream.GetProperty("finish").GetString()));
        Assert.Equal(24, stream.Usage("completion_tokens"));
        Assert.InRange(stream.GetProperty("chunks").GetInt32(), 3, 28);

        Assert.Equal("stop", got.GetProperty("stop").Finish());
        Assert.DoesNotContain('.', got.GetProperty("stop").Content());

        JsonElement choices = got.GetProperty("choices");
        Assert.Equal(expected, choices.Content());
        Assert.NotEqual(choices.Content(1), choices.Content(2));
        Assert.Equal(72, choices.Usage("completion_tokens"));

        JsonElement[] logProbs = [.. got.GetProperty("logprobs").Choice().GetProperty("logprobs").GetProperty("content").EnumerateArray()];
        Assert.Equal(4, logProbs.Length);
        Assert.All(logProbs, l => Assert.Equal(2, l.GetProperty("top_logprobs").GetArrayLength()));

        Assert.Equal(got.GetProperty("completion").Text(), got.GetProperty("completionStream").GetProperty("text").GetString());
    }

    [ProgramFact("node", "npm")]
    public async Task The_npm_package_gets_typed_errors()
    {
        JsonElement got = await run.OnceAsync(server);
        Assert.Equal(("NotFoundError", 404, "model_not_found", "model"), Error("notFound"));
        Assert.Equal(("BadRequestError", 400, "unsupported_parameter", "response_format"), Error("badRequest"));
        Assert.Equal(("BadRequestError", 400, "context_length_exceeded", "messages"), Error("tooLong"));

        (string?, int, string?, string?) Error(string name)
        {
            JsonElement error = got.GetProperty(name);
            return (error.GetProperty("type").GetString(), error.GetProperty("status").GetInt32(), error.Code(), error.Param());
        }
    }

    [ProgramFact("node", "npm")]
    public async Task A_stream_that_the_npm_package_cancels_ends_and_frees_everything()
    {
        JsonElement got = await run.OnceAsync(server);
        Assert.InRange(got.GetProperty("cancelled").GetInt32(), 1, 8);
        await server.RestAsync();
    }

    /// <summary>One run of the script, whose parts the tests look at.</summary>
    public sealed class Run
    {
        private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Clients", "node");

        private Task<JsonElement>? _run;

        internal Task<JsonElement> OnceAsync(ServerFixture server) => _run ??= RunAsync(server);

        private static async Task<JsonElement> RunAsync(ServerFixture server)
        {
            var (installed, wanted) = (new FileInfo(Path.Combine(Folder, "node_modules", ".package-lock.json")), new FileInfo(Path.Combine(Folder, "package-lock.json")));
            if (!installed.Exists || installed.LastWriteTimeUtc < wanted.LastWriteTimeUtc)
                await ExternalProgram.RunAsync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], folder: Folder);
            return JsonDocument.Parse(await ExternalProgram.RunAsync("node", ["openai.mjs", new Uri(server.Address, "/v1").ToString()], folder: Folder)).RootElement;
        }
    }
}
