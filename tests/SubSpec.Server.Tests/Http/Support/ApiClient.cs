using System.Net;
using System.Text;
using System.Text.Json;

namespace SubSpec.Server.Tests.Http.Support;

/// <summary>Talks to a service as any client does: with JSON texts.</summary>
internal sealed class ApiClient(Uri address) : IDisposable
{
    public const string Chat = "/v1/chat/completions";

    public const string Completions = "/v1/completions";

    public HttpClient Http { get; } = new() { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };

    public static HttpRequestMessage Post(string path, string json, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        foreach ((string name, string value) in headers) Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        return request;
    }

    public Task<HttpResponseMessage> SendAsync(string path, string json, params (string Name, string Value)[] headers) => Http.SendAsync(Post(path, json, headers));

    /// <summary>The answer to a request that is served.</summary>
    public async Task<JsonElement> OkAsync(string path, string json, params (string Name, string Value)[] headers)
    {
        using HttpResponseMessage response = await SendAsync(path, json, headers);
        JsonElement body = await JsonAsync(response);
        Assert.True(response.StatusCode == HttpStatusCode.OK, body.GetRawText());
        return body;
    }

    /// <summary>The error of a request that is refused.</summary>
    public async Task<JsonElement> ErrorAsync(HttpStatusCode status, string path, string json, params (string Name, string Value)[] headers)
    {
        using HttpResponseMessage response = await SendAsync(path, json, headers);
        return await ErrorOf(status, response);
    }

    public static async Task<JsonElement> ErrorOf(HttpStatusCode status, HttpResponseMessage response)
    {
        JsonElement body = await JsonAsync(response);
        Assert.True(response.StatusCode == status, $"{(int)response.StatusCode}: {body.GetRawText()}");
        JsonElement error = body.GetProperty("error");
        Assert.Equal(["code", "message", "param", "type"], error.EnumerateObject().Select(p => p.Name).Order());
        Assert.DoesNotContain('\n', error.GetProperty("message").GetString()!);
        return error;
    }

    public async Task<JsonElement> GetAsync(string path, HttpStatusCode status = HttpStatusCode.OK)
    {
        using HttpResponseMessage response = await Http.GetAsync(path);
        Assert.Equal(status, response.StatusCode);
        return await JsonAsync(response);
    }

    /// <summary>All of a stream: its events, without the end mark, which must be there.</summary>
    public async Task<JsonElement[]> StreamAsync(string path, string json, params (string Name, string Value)[] headers)
    {
        using HttpResponseMessage response = await SendAsync(path, json, headers);
        string body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, body);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        string[] events = [.. body.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(e => !e.StartsWith(':'))];
        Assert.All(events, e => Assert.StartsWith("data: ", e, StringComparison.Ordinal));
        Assert.Equal("data: [DONE]", events[^1]);
        return [.. events[..^1].Select(e => JsonDocument.Parse(e["data: ".Length..]).RootElement)];
    }

    public static async Task<JsonElement> JsonAsync(HttpResponseMessage response)
    {
        string text = await response.Content.ReadAsStringAsync();
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        return JsonDocument.Parse(text).RootElement;
    }

    public void Dispose() => Http.Dispose();
}
