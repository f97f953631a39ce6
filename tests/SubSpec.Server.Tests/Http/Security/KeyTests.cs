using System.Net;
using System.Text.Json;
using SubSpec.Core;
using SubSpec.Server.Http;
using SubSpec.Server.Http.Security;
using SubSpec.Server.Tests.Http.Support;

namespace SubSpec.Server.Tests.Http.Security;

public class KeyTests
{
    private const string Body = """{"messages": [{"role": "user", "content": "Hi"}]}""";

    private static readonly ServeOptions TwoKeys = new() { ApiKeys = ["alpha-key", "beta-key"] };

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer wrong")]
    [InlineData("Bearer alpha-ke")]
    [InlineData("Bearer")]
    [InlineData("Basic alpha-key")]
    public async Task Without_a_key_of_the_service_nothing_is_served(string? header)
    {
        await using RunningService service = await TestServices.StartAsync(FakeModel.Saying("Hello"), TwoKeys);
        (string, string)[] headers = header is null ? [] : [("Authorization", header)];
        Assert.Equal("invalid_api_key", (await service.Api.ErrorAsync(HttpStatusCode.Unauthorized, ApiClient.Chat, Body, headers)).Code());
        using HttpResponseMessage models = await service.Api.Http.GetAsync("/v1/models");
        Assert.Equal(HttpStatusCode.Unauthorized, models.StatusCode);
        using HttpResponseMessage nothing = await service.Api.Http.GetAsync("/nothing");
        Assert.Equal(HttpStatusCode.Unauthorized, nothing.StatusCode);
    }

    [Theory]
    [InlineData("Bearer alpha-key")]
    [InlineData("bearer beta-key ")]
    public async Task With_one_of_its_keys_it_answers(string header)
    {
        await using RunningService service = await TestServices.StartAsync(FakeModel.Saying("Hello"), TwoKeys);
        Assert.Equal("Hello", (await service.Api.OkAsync(ApiClient.Chat, Body, ("Authorization", header))).Content());
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/health/live")]
    [InlineData("/version")]
    [InlineData("/openapi/v1.json")]
    public async Task Health_version_and_document_need_none(string path)
    {
        await using RunningService service = await TestServices.StartAsync(FakeModel.Saying("Hello"), TwoKeys);
        await service.Api.GetAsync(path);
    }

    [Fact]
    public async Task Each_key_is_a_scope_of_its_own_and_does_not_stand_in_it()
    {
        FakeModel model = FakeModel.Saying("Hello");
        await using RunningService service = await TestServices.StartAsync(model, TwoKeys);
        foreach (string key in new[] { "alpha-key", "beta-key", "alpha-key" }) await service.Api.OkAsync(ApiClient.Chat, Body, ("Authorization", $"Bearer {key}"));
        string[] scopes = [.. model.Requests.Select(r => r.Scope)];
        Assert.Equal(scopes[0], scopes[2]);
        Assert.NotEqual(scopes[0], scopes[1]);
        Assert.All(scopes, s => Assert.DoesNotContain("key", s, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void A_key_is_found_among_many_and_nothing_else_is()
    {
        var keys = new ApiKeys(["a", "b", "c"]);
        Assert.NotNull(keys.Identify("c"));
        Assert.Null(keys.Identify("d"));
        Assert.Null(keys.Identify(""));
        Assert.False(new ApiKeys([]).AreRequired);
    }

    [Theory]
    [InlineData("http://0.0.0.0:8080")]
    [InlineData("http://*:8080")]
    [InlineData("http://192.168.1.5:8080")]
    [InlineData("http://[::]:8080")]
    [InlineData("http://example.org:8080")]
    public void Others_are_served_only_with_a_key(string url)
    {
        var open = new ServeOptions { Urls = [url] };
        Assert.Contains("--api-key", Assert.Throws<BadInputException>(open.Validate).Message, StringComparison.Ordinal);
        (open with { ApiKeys = ["some key"] }).Validate();
    }

    [Theory]
    [InlineData("http://127.0.0.1:1")]
    [InlineData("http://localhost:1")]
    [InlineData("http://[::1]:1")]
    public void This_machine_is_served_without_one(string url) => new ServeOptions { Urls = [url] }.Validate();

    [Theory]
    [InlineData("nonsense")]
    [InlineData("https://127.0.0.1:1")]
    [InlineData("http://127.0.0.1:1/path")]
    [InlineData("ftp://127.0.0.1:1")]
    public void An_address_that_cannot_be_served_is_refused(string url) =>
        Assert.Contains("--urls", Assert.Throws<BadInputException>(new ServeOptions { Urls = [url] }.Validate).Message, StringComparison.Ordinal);
}
