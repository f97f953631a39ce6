using System.Diagnostics;
using System.Net;
using System.Text;
using SubSpec.Cli.Tests.Support;

namespace SubSpec.Cli.Tests.Smoke;

/// <summary><c>subspec serve</c> as a process of its own, with the embedded demo.</summary>
public sealed class ServeProgramTests : IDisposable
{
    private readonly TemporaryFolder _cache = new();
    private readonly HttpClient _http = new();

    public void Dispose()
    {
        _http.Dispose();
        _cache.Dispose();
    }

    [Theory]
    [InlineData("TERM", ExitCodes.Done)]
    [InlineData("INT", ExitCodes.Interrupted)]
    public async Task A_story_that_is_being_told_is_told_to_its_end_before_a_signal_ends_the_service(string signal, int exitCode)
    {
        // Slowed down, so that the story cannot end before the signal comes.
        (Process process, string url, Task<string> log) = await StartAsync("--link-bandwidth", "100MB/s");
        using Process ending = process;
        using HttpResponseMessage response = await AskAsync(url);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.StartsWith("data: ", await reader.ReadLineAsync(), StringComparison.Ordinal);

        await SubSpecProcess.SignalAsync(process, signal);
        Assert.EndsWith("data: [DONE]\n\n", await reader.ReadToEndAsync(), StringComparison.Ordinal);
        await process.WaitForExitAsync();
        Assert.Equal(exitCode, process.ExitCode);
        Assert.Contains("chat.completions 200 ok: ", await log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task At_rest_after_an_answer_nothing_is_read_and_no_thread_of_its_own_wakes()
    {
        (Process process, string url, _) = await StartAsync();
        using Process ending = process;
        using (HttpResponseMessage response = await AskAsync(url)) await response.Content.ReadAsStringAsync();

        // Rest is that nothing happens while the web server's own clock beats, which is asked whether it lives. What would go on for ever never comes to rest.
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        ProcessAtRest before, after = ProcessAtRest.Look(process.Id);
        do
        {
            before = after;
            long beats = ProcessAtRest.Heartbeats(process.Id);
            while (ProcessAtRest.Heartbeats(process.Id) < beats + 2) (await _http.GetAsync($"{url}/health/live", patience.Token)).Dispose();
            after = ProcessAtRest.Look(process.Id);
        }
        while (!after.Equals(before));
        Assert.Contains(after.Wakings.Keys, thread => thread.StartsWith("subspec", StringComparison.Ordinal));

        await SubSpecProcess.SignalAsync(process, "TERM");
        await process.WaitForExitAsync();
        Assert.Equal(ExitCodes.Done, process.ExitCode);
    }

    /// <summary>Starts the service on a port of its own, and waits until it has its model.</summary>
    private async Task<(Process Process, string Url, Task<string> Log)> StartAsync(params string[] options)
    {
        Process process = SubSpecProcess.Start(["serve", "--urls", "http://127.0.0.1:0", "--cache", _cache.Path, .. options]);
        string url = (await process.StandardOutput.ReadLineAsync())!.Split(' ')[2];
        Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync($"{url}/health/live")).StatusCode);
        while (!(await process.StandardError.ReadLineAsync())!.Contains("demo is ready", StringComparison.Ordinal)) { }
        return (process, url, process.StandardError.ReadToEndAsync());
    }

    private Task<HttpResponseMessage> AskAsync(string url)
    {
        const string Body = """{"messages": [{"role": "user", "content": "Tell me a story."}], "stream": true, "max_tokens": 200}""";
        var request = new HttpRequestMessage(HttpMethod.Post, $"{url}/v1/chat/completions") { Content = new StringContent(Body, Encoding.UTF8, "application/json") };
        return _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}
