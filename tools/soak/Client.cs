using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SubSpec.Soak;

/// <summary>One client: asks one thing after the other until it is told to stop.</summary>
internal sealed class Client(HttpClient http, Tally tally, int number, int seed)
{
    private const string Chat = "/v1/chat/completions";
    private const string Completions = "/v1/completions";

    private readonly Random _random = new(seed * 1000 + number);

    public async Task RunAsync(CancellationToken stop)
    {
        (string Kind, int Weight, Func<Task<int>> Ask)[] kinds =
        [
            ("whole", 5, WholeAsync), ("stream", 5, () => StreamAsync(TimeSpan.Zero)), ("choices", 2, ChoicesAsync), ("stop", 2, StopAsync), ("session", 3, SessionAsync),
            ("completion", 2, CompletionAsync), ("slow reader", 1, () => StreamAsync(TimeSpan.FromMilliseconds(_random.Next(50, 300)))),
            ("leaves a stream", 3, LeaveStreamAsync), ("leaves before", 2, LeaveAsync), ("bad", 3, BadAsync),
        ];
        while (!stop.IsCancellationRequested)
        {
            int at = _random.Next(kinds.Sum(k => k.Weight));
            (string kind, _, Func<Task<int>> ask) = kinds.First(k => (at -= k.Weight) < 0);
            long start = Stopwatch.GetTimestamp();
            try
            {
                int tokens = await ask();
                tally.Right(kind, Stopwatch.GetElapsedTime(start).TotalSeconds, tokens);
            }
#pragma warning disable CA1031 // whatever it is, it is what is looked for
            catch (Exception e)
#pragma warning restore CA1031
            {
                tally.Problem(kind, e.Message);
            }
        }
    }

    private async Task<int> WholeAsync()
    {
        JsonObject body = Questions.Chat(_random, 40);
        JsonElement answer = await OkAsync(Chat, body);
        tally.Compare("whole", body.ToJsonString(), Text(answer, 0));
        return Tokens(answer);
    }

    private async Task<int> ChoicesAsync()
    {
        JsonObject body = Questions.Chat(_random, 24);
        body["n"] = 2 + _random.Next(2);
        JsonElement answer = await OkAsync(Chat, body);
        Require(answer.GetProperty("choices").GetArrayLength() == (int)body["n"]!, "not as many choices as were asked for");
        return Tokens(answer);
    }

    private async Task<int> StopAsync()
    {
        JsonObject body = Questions.Chat(_random, 60);
        body["stop"] = ".";
        JsonElement answer = await OkAsync(Chat, body);
        Require(!Text(answer, 0).Contains('.', StringComparison.Ordinal), "the stop text is in the answer");
        return Tokens(answer);
    }

    private async Task<int> CompletionAsync()
    {
        var body = new JsonObject { ["prompt"] = "Once upon a time", ["seed"] = _random.Next(4), ["max_tokens"] = 20, ["logprobs"] = 2 };
        JsonElement answer = await OkAsync(Completions, body);
        Require(answer.GetProperty("choices")[0].GetProperty("logprobs").GetProperty("tokens").GetArrayLength() > 0, "no log-probabilities");
        return Tokens(answer);
    }

    /// <summary>Two turns of a conversation: the second one finds the first one's KV, unless the engine was built anew in between.</summary>
    private async Task<int> SessionAsync()
    {
        JsonObject body = Questions.Chat(_random, 40);
        string session = $"{number}-{_random.Next(8)}";
        JsonElement first = await OkAsync(Chat, body, session);
        JsonArray messages = body["messages"]!.AsArray();
        messages.Add(new JsonObject { ["role"] = "assistant", ["content"] = Text(first, 0) });
        messages.Add(new JsonObject { ["role"] = "user", ["content"] = "Go on." });
        JsonElement second = await OkAsync(Chat, body, session);
        tally.Reuse(second.GetProperty("usage").GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32());
        return Tokens(first) + Tokens(second);
    }

    private async Task<int> StreamAsync(TimeSpan pause)
    {
        JsonObject body = Questions.Chat(_random, 40);
        string question = body.ToJsonString();
        (body["stream"], body["stream_options"]) = (true, new JsonObject { ["include_usage"] = true });
        using HttpResponseMessage response = await SendAsync(Chat, body, HttpCompletionOption.ResponseHeadersRead);
        var (text, tokens, finish, done) = (new StringBuilder(), 0, false, false);
        await foreach (string data in EventsAsync(response))
        {
            if (pause > TimeSpan.Zero) await Task.Delay(pause);
            if (data == "[DONE]")
            {
                done = true;
                continue;
            }
            JsonElement chunk = JsonDocument.Parse(data).RootElement;
            Require(!chunk.TryGetProperty("error", out JsonElement error), $"the stream broke off: {error}");
            if (chunk.TryGetProperty("usage", out JsonElement usage)) tokens = usage.GetProperty("completion_tokens").GetInt32();
            foreach (JsonElement choice in chunk.GetProperty("choices").EnumerateArray())
            {
                if (choice.GetProperty("delta").TryGetProperty("content", out JsonElement content)) text.Append(content.GetString());
                finish |= choice.GetProperty("finish_reason").ValueKind == JsonValueKind.String;
            }
        }
        Require(finish && done && tokens > 0, "the stream has no end");
        tally.Compare("stream", question, text.ToString());
        return tokens;
    }

    private async Task<int> LeaveStreamAsync()
    {
        JsonObject body = Questions.Endless(_random);
        (body["stream"], body["n"]) = (true, 1 + _random.Next(2));
        using HttpResponseMessage response = await SendAsync(Chat, body, HttpCompletionOption.ResponseHeadersRead);
        int events = 0, enough = 1 + _random.Next(6);
        await foreach (string data in EventsAsync(response))
        {
            Require(data != "[DONE]" && !JsonDocument.Parse(data).RootElement.TryGetProperty("error", out _), $"an endless stream has '{data}'");
            if (++events == enough) break;
        }
        Require(events == enough, $"an endless stream ended after {events} events");
        return 0;
    }

    private async Task<int> LeaveAsync()
    {
        using var leave = new CancellationTokenSource(TimeSpan.FromMilliseconds(_random.Next(1, 150)));
        try
        {
            using HttpResponseMessage response = await SendAsync(Chat, Questions.Endless(_random), HttpCompletionOption.ResponseContentRead, cancel: leave.Token);
        }
        catch (OperationCanceledException)
        {
            // As it was to be.
        }
        return 0;
    }

    private async Task<int> BadAsync()
    {
        (string body, int status, string? code) = Questions.Bad[_random.Next(Questions.Bad.Length)];
        using var request = new HttpRequestMessage(HttpMethod.Post, Chat) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        // A body that is refused for its size is not read: who sends it anyway may find the connection closed before the answer.
        request.Headers.ExpectContinue = true;
        using HttpResponseMessage response = await http.SendAsync(request);
        JsonElement error = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("error");
        Require((int)response.StatusCode == status && (code is null || error.GetProperty("code").GetString() == code), $"{(int)response.StatusCode} {error}, not {status} {code}");
        return 0;
    }

    private async Task<JsonElement> OkAsync(string path, JsonObject body, string? session = null)
    {
        using HttpResponseMessage response = await SendAsync(path, body, HttpCompletionOption.ResponseContentRead, session);
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
    }

    private async Task<HttpResponseMessage> SendAsync(string path, JsonObject body, HttpCompletionOption until, string? session = null, CancellationToken cancel = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };
        if (session is not null) request.Headers.Add("X-Session-Id", session);
        HttpResponseMessage response = await http.SendAsync(request, until, cancel);
        if (response.StatusCode == HttpStatusCode.OK) return response;
        using (response) throw new InvalidOperationException($"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancel)}");
    }

    private static async IAsyncEnumerable<string> EventsAsync(HttpResponseMessage response)
    {
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        while (await reader.ReadLineAsync() is { } line)
            if (line.StartsWith("data: ", StringComparison.Ordinal)) yield return line["data: ".Length..];
    }

    private static string Text(JsonElement answer, int choice) => answer.GetProperty("choices")[choice].GetProperty("message").GetProperty("content").GetString()!;

    private static int Tokens(JsonElement answer)
    {
        Require(answer.GetProperty("choices").EnumerateArray().All(c => c.GetProperty("finish_reason").GetString() is "stop" or "length"), "a choice has no end");
        return answer.GetProperty("usage").GetProperty("completion_tokens").GetInt32();
    }

    private static void Require(bool holds, string what)
    {
        if (!holds) throw new InvalidOperationException(what);
    }
}
