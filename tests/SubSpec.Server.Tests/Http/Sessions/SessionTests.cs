using System.Net;
using System.Text.Json;
using SubSpec.Core.Generation;
using SubSpec.Server.Tests.Http.Support;

namespace SubSpec.Server.Tests.Http.Sessions;

public class SessionTests
{
    private static string Body(string more = "") => $$"""{"messages": [{"role": "user", "content": "Hi"}]{{more}}}""";

    [Theory]
    [InlineData(null, null, null)]
    [InlineData("tea", null, "tea")]
    [InlineData(null, "cake", "cake")]
    [InlineData("tea", "cake", "tea")]
    public async Task The_header_names_the_session_and_else_the_cache_key_does(string? header, string? cacheKey, string? session)
    {
        FakeModel model = FakeModel.Saying("Hello");
        await using RunningService service = await TestServices.StartAsync(model);
        await service.Api.OkAsync(ApiClient.Chat, Body(cacheKey is null ? "" : $", \"prompt_cache_key\": \"{cacheKey}\""), header is null ? [] : [("X-Session-Id", header)]);
        GenerationRequest request = model.Requests.Single();
        Assert.Equal((session, ""), (request.Session?.Value, request.Scope));
    }

    [Fact]
    public async Task Of_several_choices_the_first_belongs_to_the_session_so_that_the_others_run_beside_it()
    {
        FakeModel model = FakeModel.Saying("Hello");
        await using RunningService service = await TestServices.StartAsync(model);
        await service.Api.OkAsync(ApiClient.Chat, Body(", \"n\": 3"), ("X-Session-Id", "tea"));
        Assert.Equal(["tea", null, null], model.Requests.OrderBy(r => r.Sampling.Choice).Select(r => r.Session?.Value));
    }

    [Theory]
    [InlineData("")]
    [InlineData("LONG")]
    public async Task A_name_that_is_empty_or_too_long_is_refused(string name)
    {
        await using RunningService service = await TestServices.StartAsync(FakeModel.Saying("Hello"));
        JsonElement error = await service.Api.ErrorAsync(HttpStatusCode.BadRequest, ApiClient.Chat, Body(), ("X-Session-Id", name == "LONG" ? new string('x', 300) : name));
        Assert.Equal("X-Session-Id", error.Param());
    }
}
