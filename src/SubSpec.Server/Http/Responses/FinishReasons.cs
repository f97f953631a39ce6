using SubSpec.Core.Generation;

namespace SubSpec.Server.Http.Responses;

/// <summary>OpenAI's words for how an answer ended.</summary>
internal static class FinishReasons
{
    private const string ToolCalls = "tool_calls";

    /// <summary>Whoever cancelled an answer does not read this.</summary>
    public static string Of(FinishReason reason) => reason == FinishReason.Length ? "length" : "stop";

    /// <param name="calls">Tool calls in the answer.</param>
    public static string Of(GenerationResult result, int calls) => calls > 0 && result.FinishReason == FinishReason.Stop ? ToolCalls : Of(result.FinishReason);
}
