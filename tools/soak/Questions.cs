using System.Text.Json;
using System.Text.Json.Nodes;

namespace SubSpec.Soak;

/// <summary>What clients ask. Few enough questions that each comes again and again.</summary>
internal static class Questions
{
    private static readonly string[] Subjects = ["a dog", "a red ball", "the sea", "a little bird", "a big tree", "a lost shoe"];

    /// <summary>Bad bodies, each with the status and the code that it has to get.</summary>
    public static (string Body, int Status, string? Code)[] Bad { get; } =
    [
        ("{", 400, null),
        ("""{"messages": []}""", 400, null),
        ("""{"messages": [{"role": "user", "content": "Hi"}], "temprature": 1}""", 400, "unknown_parameter"),
        ("""{"messages": [{"role": "user", "content": "Hi"}], "model": "gpt-5"}""", 404, "model_not_found"),
        ("""{"messages": [{"role": "user", "content": "Hi"}], "response_format": {"type": "json_object"} }""", 400, "unsupported_parameter"),
        ("""{"messages": [{"role": "user", "content": "Hi"}], "logit_bias": {"999999": 1} }""", 400, null),
        (JsonSerializer.Serialize(new { messages = new[] { new { role = "user", content = string.Concat(Enumerable.Repeat("story ", 5000)) } } }), 400, "context_length_exceeded"),
        (JsonSerializer.Serialize(new { messages = new[] { new { role = "user", content = new string('x', 3 << 20) } } }), 413, "request_too_large"),
    ];

    public static JsonObject Chat(Random random, int mostTokens) => new()
    {
        ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = $"Tell me a story about {Subjects[random.Next(Subjects.Length)]}." }),
        ["seed"] = random.Next(4),
        ["temperature"] = random.Next(2) * 0.8,
        ["max_tokens"] = mostTokens - random.Next(4),
    };

    /// <summary>The whole context, for those who leave before its end.</summary>
    public static JsonObject Endless(Random random)
    {
        JsonObject body = Chat(random, 10);
        body.Remove("max_tokens");
        body["logit_bias"] = new JsonObject { ["4093"] = -100, ["4094"] = -100, ["4095"] = -100 };
        return body;
    }
}
