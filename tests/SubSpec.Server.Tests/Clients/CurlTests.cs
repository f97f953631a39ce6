using System.Diagnostics;
using System.Text.Json;
using SubSpec.Server.Tests.Http.Support;

namespace SubSpec.Server.Tests.Clients;

/// <summary><c>curl</c>, as the README has it.</summary>
[Collection(nameof(ServerFixture))]
public class CurlTests(ServerFixture server)
{
    private const string Body = """ "messages": [{"role": "user", "content": "Tell me a story."}], "temperature": 0.8, "seed": 5 """;
    private const string NoEnd = """ "logit_bias": {"4093": -100, "4094": -100, "4095": -100} """;

    [ProgramFact("curl")]
    public async Task Curl_gets_answers_choices_and_log_probabilities()
    {
        JsonElement answer = Parse(await CurlAsync($$"""{ {{Body}}, "max_tokens": 8, "n": 2, "logprobs": true}"""));
        string expected = (await server.Api.OkAsync(ApiClient.Chat, $$"""{ {{Body}}, "max_tokens": 8}""")).Content();
        Assert.Equal((expected, 16), (answer.Content(), answer.Usage("completion_tokens")));
        Assert.Equal(8, answer.Choice(1).GetProperty("logprobs").GetProperty("content").GetArrayLength());
    }

    [ProgramFact("curl")]
    public async Task Curl_gets_a_stream_that_ends_at_a_stop_text()
    {
        string[] lines = (await CurlAsync($$"""{ {{Body}}, "stop": "." , "stream": true, "stream_options": {"include_usage": true} }""")).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("data: [DONE]", lines[^1]);
        JsonElement[] chunks = [.. lines[..^1].Select(l => Parse(l["data: ".Length..]))];
        Assert.Equal("stop", chunks.FinishReason());
        Assert.DoesNotContain('.', chunks.ChatText());
        Assert.True(chunks[^1].Usage("completion_tokens") > 0);
    }

    [ProgramFact("curl")]
    public async Task Curl_gets_an_error_with_a_status()
    {
        string[] lines = (await CurlAsync("""{"messages": [{"role": "user", "content": "Hi"}], "temprature": 1}""", "--write-out", "\n%{http_code}")).Split('\n');
        Assert.Equal(("400", "temprature"), (lines[^1], Parse(lines[0]).GetProperty("error").Param()));
        Assert.Contains("'temperature'", Parse(lines[0]).GetProperty("error").Message(), StringComparison.Ordinal);
    }

    [ProgramFact("curl")]
    public async Task An_answer_whose_curl_is_stopped_ends_and_frees_everything()
    {
        using Process curl = ExternalProgram.Start("curl", Arguments($$"""{ {{Body}}, {{NoEnd}}, "stream": true}"""));
        Assert.StartsWith("data: ", await curl.StandardOutput.ReadLineAsync(), StringComparison.Ordinal);
        curl.Kill();
        await curl.WaitForExitAsync();
        await server.RestAsync();
    }

    private Task<string> CurlAsync(string body, params string[] more) => ExternalProgram.RunAsync("curl", [.. Arguments(body), .. more]);

    private string[] Arguments(string body) => ["--silent", "--show-error", "--no-buffer", new Uri(server.Address, ApiClient.Chat).ToString(), "--header", "Content-Type: application/json", "--data", body];

    private static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;
}
