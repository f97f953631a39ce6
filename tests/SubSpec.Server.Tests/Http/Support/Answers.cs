using System.Text.Json;

namespace SubSpec.Server.Tests.Http.Support;

/// <summary>What tests look for in answers.</summary>
internal static class Answers
{
    public static JsonElement Choice(this JsonElement answer, int index = 0) => answer.GetProperty("choices").EnumerateArray().Single(c => c.GetProperty("index").GetInt32() == index);

    public static string Content(this JsonElement answer, int index = 0) => answer.Choice(index).GetProperty("message").GetProperty("content").GetString()!;

    public static string Text(this JsonElement answer, int index = 0) => answer.Choice(index).GetProperty("text").GetString()!;

    public static string? Finish(this JsonElement answer, int index = 0) => answer.Choice(index).GetProperty("finish_reason").GetString();

    public static int Usage(this JsonElement answer, string count) => answer.GetProperty("usage").GetProperty(count).GetInt32();

    public static string? Message(this JsonElement error) => error.GetProperty("message").GetString();

    public static string? Param(this JsonElement error) => error.GetProperty("param").GetString();

    public static string? Code(this JsonElement error) => error.GetProperty("code").GetString();

    /// <summary>The texts of a choice's chunks, joined.</summary>
    public static string ChatText(this JsonElement[] chunks, int index = 0) => string.Concat(
        from chunk in chunks
        from choice in chunk.GetProperty("choices").EnumerateArray()
        where choice.GetProperty("index").GetInt32() == index && choice.GetProperty("delta").TryGetProperty("content", out _)
        select choice.GetProperty("delta").GetProperty("content").GetString());

    /// <summary>The same of the older API.</summary>
    public static string PlainText(this JsonElement[] chunks, int index = 0) => string.Concat(
        from chunk in chunks
        from choice in chunk.GetProperty("choices").EnumerateArray()
        where choice.GetProperty("index").GetInt32() == index
        select choice.GetProperty("text").GetString());

    /// <summary>How a choice's stream ended: exactly one of its chunks says so.</summary>
    public static string FinishReason(this JsonElement[] chunks, int index = 0) => (
        from chunk in chunks
        from choice in chunk.GetProperty("choices").EnumerateArray()
        where choice.GetProperty("index").GetInt32() == index && choice.GetProperty("finish_reason").ValueKind == JsonValueKind.String
        select choice.GetProperty("finish_reason").GetString()).Single();
}
