using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Text.RegularExpressions;
using SubSpec.Server.Http;
using SubSpec.Server.Page;
using SubSpec.Server.Tests.Http.Support;
using SubSpec.Server.Tests.Metrics;

namespace SubSpec.Server.Tests.Page;

/// <summary>The page's endpoints over a fake model.</summary>
public sealed partial class PageEndpointsTests : IAsyncLifetime
{
    private const string Key = "a key of this test";
    private RunningService _service = null!;

    public async Task InitializeAsync() => _service = await TestServices.StartAsync(FakeModel.Saying("a", "b"));

    public async Task DisposeAsync() => await _service.DisposeAsync();

    [Fact]
    public async Task The_page_and_its_parts_are_there_and_may_load_nothing_from_elsewhere()
    {
        using HttpResponseMessage page = await _service.Api.Http.GetAsync("/");
        Assert.Equal((HttpStatusCode.OK, "text/html"), (page.StatusCode, page.Content.Headers.ContentType!.MediaType));
        string policy = page.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);

        string html = await page.Content.ReadAsStringAsync();
        string[] parts = [.. Part().Matches(html).Select(m => m.Groups[1].Value)];
        Assert.Contains("/page/lanes.js", parts);
        Assert.DoesNotMatch("<script>|<style|style=| on[a-z]+=", html);
        foreach (string part in parts)
        {
            string text = await _service.Api.Http.GetStringAsync(part);
            // The only addresses are names of a namespace.
            Assert.All(Address().Matches(text), m => Assert.Equal("http://www.w3.org/2000/svg", m.Value));
        }
        Assert.Equal(PageFiles.All.Count, parts.Length + 1);
    }

    [Fact]
    public async Task A_file_that_has_not_changed_is_not_sent_again()
    {
        using HttpResponseMessage first = await _service.Api.Http.GetAsync("/page/shared.css");
        using var again = new HttpRequestMessage(HttpMethod.Get, "/page/shared.css");
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using HttpResponseMessage second = await _service.Api.Http.SendAsync(again);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotModified), (first.StatusCode, second.StatusCode));
    }

    [Fact]
    public async Task Other_names_are_not_found()
    {
        foreach (string path in new[] { "/page/none.js", "/page/..%2findex.html", "/page/" })
        {
            using HttpResponseMessage response = await _service.Api.Http.GetAsync(path);
            await ApiClient.ErrorOf(HttpStatusCode.NotFound, response);
        }
    }

    [Fact]
    public async Task The_feed_begins_with_the_state()
    {
        using HttpResponseMessage response = await _service.Api.Http.GetAsync("/live", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        JsonElement state = await FirstAsync(response);
        Assert.Equal(("demo", "ready", "shared"), (Text(state, "model"), Text(state, "status"), Text(state, "schedule")));
        Assert.Equal(TestServices.Demo.Schedules.Names, state.GetProperty("schedules").EnumerateArray().Select(s => s.GetString()!));
    }

    [Fact]
    public async Task Too_many_pages_are_refused_and_a_place_is_free_again_when_one_has_gone()
    {
        var feed = _service.Get<LiveFeed>();
        IDisposable[] places = [.. Enumerable.Range(0, LiveFeed.MaxWatchers).Select(_ => feed.TryEnter()!)];
        using (HttpResponseMessage refused = await _service.Api.Http.GetAsync("/live")) await ApiClient.ErrorOf(HttpStatusCode.TooManyRequests, refused);
        places[0].Dispose();
        places[0].Dispose();
        using (HttpResponseMessage response = await _service.Api.Http.GetAsync("/live", HttpCompletionOption.ResponseHeadersRead)) await FirstAsync(response);
    }

    [Fact]
    public async Task A_schedule_is_changed_for_this_model_and_for_the_next_one()
    {
        JsonElement answer = await _service.Api.OkAsync("/live/schedule", """{"schedule": "prefetch"}""");
        Assert.Equal("prefetch", Text(answer, "schedule"));
        var schedules = _service.Get<ScheduleSwitch>();
        Assert.Equal(("prefetch", "prefetch"), (schedules.Current, schedules.Apply(TestServices.Demo).Schedule));
    }

    [Theory]
    [InlineData("""{"schedule": "none"}""", "unknown schedule 'none'")]
    [InlineData("""{"schedule": 3}""", "the body must be")]
    [InlineData("""{"schedule": "prefetch", "more": 1}""", "the body must be")]
    [InlineData("[]", "the body must be")]
    public async Task What_is_no_schedule_is_refused_and_changes_nothing(string body, string message)
    {
        JsonElement error = await _service.Api.ErrorAsync(HttpStatusCode.BadRequest, "/live/schedule", body);
        Assert.Equal("schedule", Text(error, "param"));
        Assert.StartsWith(message, Text(error, "message"), StringComparison.Ordinal);
        Assert.Equal("shared", _service.Get<ScheduleSwitch>().Current);
    }

    [Fact]
    public async Task With_a_key_the_page_is_open_and_all_that_it_shows_is_not()
    {
        await using RunningService service = await TestServices.StartAsync(FakeModel.Saying("a"), new ServeOptions { ApiKeys = [Key] });
        foreach (string path in new[] { "/", "/page/chat.js" })
        {
            using HttpResponseMessage open = await service.Api.Http.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, open.StatusCode);
        }
        foreach (string path in new[] { "/live", "/metrics" })
        {
            using HttpResponseMessage closed = await service.Api.Http.GetAsync(path);
            await ApiClient.ErrorOf(HttpStatusCode.Unauthorized, closed);
        }
        await service.Api.ErrorAsync(HttpStatusCode.Unauthorized, "/live/schedule", """{"schedule": "prefetch"}""");
        service.Api.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key);
        await service.Api.OkAsync("/live/schedule", """{"schedule": "prefetch"}""");
    }

    [Fact]
    public async Task A_page_of_another_site_cannot_change_the_schedule() =>
        await _service.Api.ErrorAsync(HttpStatusCode.Forbidden, "/live/schedule", """{"schedule": "prefetch"}""", ("Origin", "https://example.org"));

    [Fact]
    public async Task A_scrape_counts_the_requests_before_it()
    {
        await _service.Api.OkAsync(ApiClient.Chat, """{"messages": [{"role": "user", "content": "x"}]}""");
        await _service.Api.ErrorAsync(HttpStatusCode.BadRequest, ApiClient.Chat, """{"messages": []}""");
        using HttpResponseMessage response = await _service.Api.Http.GetAsync("/metrics");
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Dictionary<string, MetricFamily> families = Exposition.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal(1, Assert.Single(families["vllm:request_success_total"].Samples).Value);
        Assert.Equal(1, families["subspec_model_loaded"].Samples[0].Value);
        Assert.Contains("vllm:time_to_first_token_seconds", families.Keys);
    }

    private static async Task<JsonElement> FirstAsync(HttpResponseMessage response)
    {
        await foreach (SseItem<string> item in SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync())
        {
            Assert.Equal("state", item.EventType);
            return JsonDocument.Parse(item.Data).RootElement;
        }
        throw new InvalidOperationException("the feed ended");
    }

    private static string? Text(JsonElement of, string name) => of.GetProperty(name).GetString();

    [GeneratedRegex("(?:src|href)=\"([^\"]+)\"")]
    private static partial Regex Part();

    [GeneratedRegex("[a-z]+://[^\"'\\s>]+")]
    private static partial Regex Address();
}
