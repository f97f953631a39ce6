using SubSpec.Core.Generation;

namespace SubSpec.Server.Http.Responses;

/// <summary>OpenAI's words for how an answer ended.</summary>
internal static class FinishReasons
{
    public const string ToolCalls = "tool_calls";

    /// <summary>Whoever cancelled an answer does not read this.</summary>
    public static string Of(FinishReason reason) => reason == FinishReason.Length ? "length" : "stop";
}
