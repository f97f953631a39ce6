using System.Net;
using SubSpec.Server.Http;
using SubSpec.Server.Tests.Http.Support;

namespace SubSpec.Server.Tests.Http.Security;

/// <summary>Pages of other sites, with and without DNS rebinding.</summary>
public class SiteTests
{
    private const string Body = """{"messages": [{"role": "user", "content": "Hi"}]}""";

    [Theory]
    [InlineData("evil.example", 403)]
    [InlineData("evil.example:8080", 403)]
    [InlineData("localhost.evil.example", 403)]
    [InlineData("localhost", 200)]
    [InlineData("localhost:1234", 200)]
    [InlineData("127.0.0.1:1234", 200)]
    [InlineData("[::1]:1234", 200)]
    [InlineData("friendly.example", 200)]
    [InlineData("FRIENDLY.example:99", 200)]
    public async Task Only_addresses_and_names_that_were_allowed_are_answered_to(string host, int status)
    {
        await using RunningService service = await TestServices.StartAsync(FakeModel.Saying("Hello"), new ServeOptions { AllowedHosts = ["friendly.example"] });
        using HttpResponseMessage response = await service.Api.SendAsync(ApiClient.Chat, Body, ("Host", host));
        Assert.Equal(status, (int)response.StatusCode);
        if (status != 200) Assert.Contains("--allow-host", (await ApiClient.ErrorOf(HttpStatusCode.Forbidden, response)).Message(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://evil.example", 403)]
    [InlineData("http://127.0.0.1", 403)]
    [InlineData("null", 403)]
    [InlineData("https://friendly.example", 200)]
    public async Task Pages_of_other_sites_may_not_call_unless_they_were_allowed(string origin, int status)
    {
        await using RunningService service = await TestServices.StartAsync(FakeModel.Saying("Hello"), new ServeOptions { AllowedOrigins = ["https://friendly.example"] });
        using HttpResponseMessage response = await service.Api.SendAsync(ApiClient.Chat, Body, ("Origin", origin));
        Assert.Equal(status, (int)response.StatusCode);
        if (status == 200) Assert.Equal(origin, response.Headers.GetValues("Access-Control-Allow-Origin").Single());
        else Assert.Contains("--allow-origin", (await ApiClient.ErrorOf(HttpStatusCode.Forbidden, response)).Message(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_own_pages_may_call()
    {
        await using RunningService service = await TestServices.StartAsync(FakeModel.Saying("Hello"));
        string own = service.Api.Http.BaseAddress!.GetLeftPart(UriPartial.Authority);
        Assert.Equal("Hello", (await service.Api.OkAsync(ApiClient.Chat, Body, ("Origin", own))).Content());
    }

    [Fact]
    public async Task The_browser_of_an_allowed_page_may_ask_first()
    {
        await using RunningService service = await TestServices.StartAsync(FakeModel.Saying("Hello"), new ServeOptions { AllowedOrigins = ["https://friendly.example"], ApiKeys = ["key"] });
        using var ask = new HttpRequestMessage(HttpMethod.Options, ApiClient.Chat);
        ask.Headers.Add("Origin", "https://friendly.example");
        ask.Headers.Add("Access-Control-Request-Method", "POST");
        ask.Headers.Add("Access-Control-Request-Headers", "authorization,content-type");
        using HttpResponseMessage response = await service.Api.Http.SendAsync(ask);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal("https://friendly.example", response.Headers.GetValues("Access-Control-Allow-Origin").Single());
    }
}
