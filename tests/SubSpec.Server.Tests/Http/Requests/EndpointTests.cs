using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using SubSpec.Actors.Client;
using SubSpec.Actors.Engines;
using SubSpec.Server.Http.Chat;
using SubSpec.Server.Http.Completions;
using SubSpec.Server.Http.Generating;
using SubSpec.Server.Http.Loading;
using SubSpec.Server.Tests.Http.Support;
using SubSpec.Server.Tests.Metrics;

namespace SubSpec.Server.Tests.Http.Requests;

[Collection(nameof(ServerFixture))]
public class EndpointTests(ServerFixture server)
{
    [Fact]
    public async Task The_list_of_models_has_the_one_that_is_served()
    {
        JsonElement list = await server.Api.GetAsync("/v1/models");
        JsonElement model = Assert.Single(list.GetProperty("data").EnumerateArray());
        Assert.Equal(("list", "demo", "model"), (list.GetProperty("object").GetString(), model.GetProperty("id").GetString(), model.GetProperty("object").GetString()));
    }

    [Fact]
    public async Task The_model_is_found_by_its_name() => Assert.Equal("demo", (await server.Api.GetAsync("/v1/models/demo")).GetProperty("id").GetString());

    [Theory]
    [InlineData("/v1/models/other", "model_not_found")]
    [InlineData("/v1/models/org/other", "model_not_found")]
    [InlineData("/v1/embeddings", "unknown_url")]
    [InlineData("/nothing", "unknown_url")]
    public async Task What_is_not_there_is_not_found(string path, string code)
    {
        using HttpResponseMessage response = await server.Api.Http.GetAsync(path);
        Assert.Equal(code, (await ApiClient.ErrorOf(HttpStatusCode.NotFound, response)).Code());
    }

    [Fact]
    public async Task A_method_that_an_endpoint_does_not_take_is_refused()
    {
        using HttpResponseMessage response = await server.Api.Http.GetAsync(ApiClient.Chat);
        Assert.Equal("method_not_allowed", (await ApiClient.ErrorOf(HttpStatusCode.MethodNotAllowed, response)).Code());
    }

    [Fact]
    public async Task Health_says_what_runs_and_how_full_the_cache_is()
    {
        await server.RestAsync();
        JsonElement health = await server.Api.GetAsync("/health");
        Assert.Equal(("ready", true, true), (health.GetProperty("status").GetString(), health.GetProperty("live").GetBoolean(), health.GetProperty("ready").GetBoolean()));
        JsonElement engine = health.GetProperty("engine");
        Assert.Equal(("ready", 0), (engine.GetProperty("state").GetString(), engine.GetProperty("running").GetInt32()));
        Assert.True(engine.GetProperty("kv_slots").GetInt32() > 1000);
    }

    [Theory]
    [InlineData("/health", HttpStatusCode.OK)]
    [InlineData("/v1/models", HttpStatusCode.OK)]
    [InlineData("/", HttpStatusCode.OK)]
    [InlineData(ApiClient.Chat, HttpStatusCode.MethodNotAllowed)]
    public async Task Heads_are_those_of_what_is_there_to_get(string path, HttpStatusCode status)
    {
        using HttpResponseMessage response = await server.Api.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));
        Assert.Equal(status, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Health_answers_while_the_engine_goes_away_under_it()
    {
        var leaving = new StubModel { Load = () => Task.FromException<EngineLoad>(new EngineFailedException("the service is stopping")) };
        await using RunningService service = await TestServices.StartAsync(FakeModel.Saying("Hello"), configure: s => s.AddSingleton<IModelHost>(leaving));
        Assert.Equal(JsonValueKind.Null, (await service.Api.GetAsync("/health")).GetProperty("engine").ValueKind);
        Assert.Equal(1, leaving.Asked);
    }

    [Fact]
    public async Task Health_says_how_far_prompts_are_read()
    {
        await using RunningService reading = await TestServices.StartAsync(new FakeModel((_, _) => AsyncEnumerable.Empty<string>()) { Prefill = new PrefillProgress(2, 800, 200) });
        JsonElement prefill = (await reading.Api.GetAsync("/health")).GetProperty("engine").GetProperty("prefill");
        Assert.Equal((2, 800, 200, 0.25), (prefill.GetProperty("sequences").GetInt32(), prefill.GetProperty("tokens").GetInt32(), prefill.GetProperty("done").GetInt32(), prefill.GetProperty("fraction").GetDouble()));
        await server.RestAsync();
        Assert.Equal(JsonValueKind.Null, (await server.Api.GetAsync("/health")).GetProperty("engine").GetProperty("prefill").ValueKind);
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    public async Task Live_and_ready_are_states_of_their_own(string path) => await server.Api.GetAsync(path);

    [Fact]
    public async Task The_version_is_a_number() => Assert.Matches(@"^\d+\.\d+\.\d+", (await server.Api.GetAsync("/version")).GetProperty("version").GetString());

    [Fact]
    public async Task The_document_lists_every_parameter_that_is_honoured_and_no_other()
    {
        JsonElement document = await server.Api.GetAsync("/openapi/v1.json");
        foreach ((string path, IGenerationApi api) in new (string, IGenerationApi)[] { (ApiClient.Chat, new ChatApi()), (ApiClient.Completions, new CompletionApi()) })
        {
            JsonElement schema = document.GetProperty("paths").GetProperty(path).GetProperty("post").GetProperty("requestBody").GetProperty("content").GetProperty("application/json").GetProperty("schema");
            Assert.Equal(api.Parameters.Where(p => p.IsHonoured).Select(p => p.Name).Order(), schema.GetProperty("properties").EnumerateObject().Select(p => p.Name).Order());
        }
    }

    [Fact]
    public async Task Every_answer_has_a_request_id_of_its_own()
    {
        async Task<string> IdAsync(string path)
        {
            using HttpResponseMessage response = await server.Api.Http.GetAsync(path);
            return response.Headers.GetValues("x-request-id").Single();
        }
        string[] ids = [await IdAsync("/health"), await IdAsync("/nothing"), await IdAsync("/v1/models")];
        Assert.Equal(3, ids.Distinct().Count());
        Assert.All(ids, id => Assert.StartsWith("req_", id, StringComparison.Ordinal));
    }
}
