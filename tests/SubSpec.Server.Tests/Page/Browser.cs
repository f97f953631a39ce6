using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SubSpec.Server.Tests.Page;

/// <summary>A headless Chromium with a profile of its own, driven over the W3C WebDriver protocol (w3.org/TR/webdriver2).</summary>
internal sealed class Browser : IAsyncDisposable
{
    private const string Chromium = "chromium";
    private const string Driver = "chromedriver";

    // What hangs is an error; nothing here takes a fraction of this.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process _driver;
    private readonly HttpClient _http;
    private readonly string _profile;
    private string _session = "";

    private Browser(Process driver, HttpClient http, string profile) => (_driver, _http, _profile) = (driver, http, profile);

    public static string[] Programs => [Chromium, Driver];

    /// <summary>Where a program is; null where it is not.</summary>
    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    /// <summary>Starts a browser and opens a page.</summary>
    public static async Task<Browser> OpenAsync(Uri page)
    {
        var start = new ProcessStartInfo(Find(Driver)!, ["--port=0"]) { RedirectStandardOutput = true };
        Process driver = Process.Start(start)!;
        int port = await PortAsync(driver).WaitAsync(Patience);
        var browser = new Browser(
            driver, new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = Patience }, Directory.CreateTempSubdirectory("subspec-browser-").FullName);
        await browser.BeginAsync();
        await browser.PostAsync("url", new JsonObject { ["url"] = page.AbsoluteUri });
        return browser;
    }

    /// <summary>Runs a script in the page; what it returns.</summary>
    public Task<JsonElement> RunAsync(string script) => PostAsync("execute/sync", new JsonObject { ["script"] = script, ["args"] = new JsonArray() });

    /// <summary>Waits until an expression of the page is true, looking at each of its frames.</summary>
    public Task UntilAsync(string condition) => PostAsync("execute/async", new JsonObject
    {
        ["script"] = $"const done = arguments[0]; const look = () => ({condition}) ? done(true) : requestAnimationFrame(look); look();",
        ["args"] = new JsonArray(),
    });

    public async Task ClickAsync(string selector) => await PostAsync($"element/{await ElementAsync(selector)}/click", []);

    /// <summary>Presses keys in an element, as a person does.</summary>
    public async Task TypeAsync(string selector, string text) => await PostAsync($"element/{await ElementAsync(selector)}/value", new JsonObject { ["text"] = text });

    /// <summary>What the browser complained about: errors of scripts, and of what the page's policy forbids.</summary>
    public async Task<string[]> ComplaintsAsync()
    {
        JsonElement entries = await PostAsync("se/log", new JsonObject { ["type"] = "browser" });
        return [.. entries.EnumerateArray().Where(e => e.GetProperty("level").GetString() == "SEVERE").Select(e => e.GetProperty("message").GetString()!)];
    }

    public async ValueTask DisposeAsync()
    {
        if (_session.Length > 0) (await _http.DeleteAsync($"/session/{_session}")).Dispose();
        _driver.Kill(entireProcessTree: true);
        await _driver.WaitForExitAsync();
        _driver.Dispose();
        _http.Dispose();
        Directory.Delete(_profile, recursive: true);
    }

    private async Task BeginAsync()
    {
        string[] arguments =
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--disable-dev-shm-usage", "--window-size=1360,900", $"--user-data-dir={_profile}",
        ];
        var capabilities = new JsonObject
        {
            ["browserName"] = "chrome",
            ["goog:loggingPrefs"] = new JsonObject { ["browser"] = "ALL" },
            ["goog:chromeOptions"] = new JsonObject { ["binary"] = Find(Chromium), ["args"] = new JsonArray([.. arguments.Select(a => JsonValue.Create(a))]) },
            ["timeouts"] = new JsonObject { ["script"] = (int)Patience.TotalMilliseconds },
        };
        JsonElement session = await SendAsync("/session", new JsonObject { ["capabilities"] = new JsonObject { ["alwaysMatch"] = capabilities } });
        _session = session.GetProperty("sessionId").GetString()!;
    }

    private async Task<string> ElementAsync(string selector)
    {
        JsonElement found = await PostAsync("element", new JsonObject { ["using"] = "css selector", ["value"] = selector });
        return found.EnumerateObject().Single().Value.GetString()!;
    }

    private Task<JsonElement> PostAsync(string command, JsonObject body) => SendAsync($"/session/{_session}/{command}", body);

    private async Task<JsonElement> SendAsync(string path, JsonObject body)
    {
        // The driver takes no chunked bodies.
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await _http.PostAsync(path, content);
        JsonElement value = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("value");
        Assert.True(response.IsSuccessStatusCode, $"{path}: {value}");
        return value;
    }

    /// <summary>The port that the driver says it has chosen. What it says later is read too: a full pipe would stop it.</summary>
    private static Task<int> PortAsync(Process driver)
    {
        const string Said = "started successfully on port ";
        var port = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        driver.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null) port.TrySetException(new InvalidOperationException("chromedriver ended without a port"));
            else if (line.Data.IndexOf(Said, StringComparison.Ordinal) is >= 0 and int at)
                port.TrySetResult(int.Parse(line.Data[(at + Said.Length)..].TrimEnd('.'), CultureInfo.InvariantCulture));
        };
        driver.BeginOutputReadLine();
        return port.Task;
    }
}
