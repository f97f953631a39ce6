using System.Text.Json;
using SubSpec.Server.Tests.Http.Support;

namespace SubSpec.Server.Tests.Http.Sessions;

[Collection(nameof(ServerFixture))]
public class ConcurrencyTests(ServerFixture server)
{
    private static string Ask(int seed) => $$"""{"messages": [{"role": "user", "content": "Tell me story number {{seed}}."}], "temperature": 0.9, "seed": {{seed}}, "max_tokens": 40}""";

    [Fact]
    public async Task Answers_that_are_made_together_are_those_that_are_made_alone()
    {
        string[] alone = new string[6];
        for (int i = 0; i < alone.Length; i++) alone[i] = (await server.Api.OkAsync(ApiClient.Chat, Ask(i))).Content();
        JsonElement[] together = await Task.WhenAll(Enumerable.Range(0, alone.Length).Select(i => server.Api.OkAsync(ApiClient.Chat, Ask(i))));
        Assert.Equal(alone, together.Select(a => a.Content()));
    }
}
