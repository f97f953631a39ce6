using System.Text.Json;
using SubSpec.Server.Http;
using SubSpec.Server.Tests.Http.Support;

namespace SubSpec.Server.Tests.Page;

/// <summary>The page as a person uses it, over the real demo model.</summary>
[Collection(nameof(ServerFixture))]
public class PageInBrowserTests(ServerFixture fixture)
{
    private const string Enter = "\uE007";
    private const string Escape = "\uE00C";
    private const string Answered = "document.querySelector('.assistant') && !document.querySelector('.assistant[aria-busy]')";
    private const string Generating = "document.querySelectorAll('.assistant[aria-busy] .run').length > 1";
    private const string Picture = "return document.getElementById('lanes').toDataURL();";

    [BrowserFact]
    public async Task A_message_is_answered_round_by_round_and_the_lanes_move()
    {
        await using Browser browser = await OpenAsync();
        string still = (await browser.RunAsync(Picture)).GetString()!;
        await AskAsync(browser, "Once upon a time", tokens: 400);
        await browser.UntilAsync(Generating);
        await browser.UntilAsync(Differs(still));
        await browser.UntilAsync(Differs((await browser.RunAsync(Picture)).GetString()!));
        await browser.UntilAsync(Answered);
        foreach (string lane in new[] { "stream", "verify", "draft" }) await browser.UntilAsync($"document.getElementById('share-{lane}').textContent !== '0 %'");

        JsonElement answer = await browser.RunAsync(
            "const a = document.querySelector('.assistant'); return { text: a.querySelector('.text').textContent, runs: a.querySelectorAll('.run').length, note: a.querySelector('.note').textContent };");
        // Of 400 tokens, fewer rounds.
        Assert.InRange(answer.GetProperty("runs").GetInt32(), 2, 200);
        Assert.Contains("400 tokens", answer.GetProperty("note").GetString(), StringComparison.Ordinal);
        Assert.Equal(await TextAsync("Once upon a time", tokens: 400), answer.GetProperty("text").GetString());
        Assert.Empty(await browser.ComplaintsAsync());
    }

    [BrowserFact]
    public async Task The_schedule_is_switched_while_an_answer_goes_on()
    {
        await using Browser browser = await OpenAsync();
        await AskAsync(browser, "Once upon a time", tokens: 400);
        await browser.UntilAsync(Generating);
        await browser.ClickAsync("#schedules input[value=prefetch]");
        await browser.UntilAsync("document.getElementById('schedule-note').textContent === 'In force: prefetch.'");
        await browser.UntilAsync(Answered);
        JsonElement text = await browser.RunAsync("return document.querySelector('.assistant .text').textContent;");
        Assert.Equal(await TextAsync("Once upon a time", tokens: 400), text.GetString());

        await browser.ClickAsync($"#schedules input[value={TestServices.Demo.Schedule}]");
        await browser.UntilAsync($"document.getElementById('schedule-note').textContent === 'In force: {TestServices.Demo.Schedule}.'");
        Assert.Empty(await browser.ComplaintsAsync());
    }

    [BrowserFact]
    public async Task Escape_stops_an_answer_and_frees_its_place()
    {
        await using Browser browser = await OpenAsync();
        await AskAsync(browser, "Once upon a time", tokens: 800);
        await browser.UntilAsync(Generating);
        await browser.TypeAsync("#prompt", Escape);
        await browser.UntilAsync(Answered);
        JsonElement note = await browser.RunAsync("return document.querySelector('.assistant .note').textContent;");
        Assert.Contains("stopped", note.GetString(), StringComparison.Ordinal);
        Assert.Equal(0, (await fixture.RestAsync()).Running);
    }

    [BrowserFact]
    public async Task A_page_without_the_key_asks_for_it_until_it_is_right()
    {
        await using RunningService service = await TestServices.StartAsync(FakeModel.Saying("Hello", " there"), new ServeOptions { ApiKeys = ["open sesame"] });
        await using Browser browser = await Browser.OpenAsync(service.Api.Http.BaseAddress!);
        await browser.UntilAsync("document.getElementById('key-dialog').open");
        await browser.TypeAsync("#key", "something else" + Enter);
        await browser.UntilAsync("document.getElementById('key-dialog').open && document.getElementById('key-problem').textContent !== ''");
        await browser.TypeAsync("#key", "open sesame" + Enter);
        await browser.UntilAsync("!document.getElementById('key-dialog').open && document.getElementById('status').dataset.status === 'ready'");
        await AskAsync(browser, "Hi", tokens: 2);
        await browser.UntilAsync(Answered);
        Assert.Equal("Hello there", (await browser.RunAsync("return document.querySelector('.assistant .text').textContent;")).GetString());
    }

    private static string Differs(string picture) => $"document.getElementById('lanes').toDataURL() !== {JsonSerializer.Serialize(picture)}";

    private async Task<Browser> OpenAsync()
    {
        Browser browser = await Browser.OpenAsync(fixture.Address);
        await browser.UntilAsync("document.getElementById('status').dataset.status === 'ready'");
        return browser;
    }

    /// <summary>Greedy, so that the answer is known.</summary>
    private static async Task AskAsync(Browser browser, string message, int tokens)
    {
        await browser.RunAsync($"document.getElementById('temperature').value = 0; document.getElementById('max-tokens').value = {tokens};");
        await browser.TypeAsync("#prompt", message + Enter);
    }

    private async Task<string> TextAsync(string message, int tokens)
    {
        JsonElement answer = await fixture.Api.OkAsync(
            ApiClient.Chat, JsonSerializer.Serialize(new { messages = new[] { new { role = "user", content = message } }, temperature = 0, max_tokens = tokens }));
        return answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;
    }
}
