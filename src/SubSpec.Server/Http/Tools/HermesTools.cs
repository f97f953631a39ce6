namespace SubSpec.Server.Http.Tools;

/// <summary>Hermes, Qwen2.5 and Qwen3: <c>&lt;tool_call&gt;{"name": ..., "arguments": {...}}&lt;/tool_call&gt;</c>, any number, text before them.</summary>
internal sealed class HermesTools : IToolFormat
{
    public const string Open = "<tool_call>";
    private const string Close = "</tool_call>";

    public ToolStep Next(string text, bool atStart, bool ended)
    {
        int open = text.IndexOf(Open, StringComparison.Ordinal);
        if (open < 0) return ToolStep.Text(text.Length - (ended ? 0 : Held(text)));
        // White space before a call is not worth a text of its own.
        int start = text.AsSpan(0, open).TrimEnd().Length;
        if (start > 0) return ToolStep.Text(start);

        int close = text.IndexOf(Close, open, StringComparison.Ordinal);
        if (close < 0 && !ended) return ToolStep.Wait;
        int end = close < 0 ? text.Length : close + Close.Length;
        string inside = text[(open + Open.Length)..(close < 0 ? text.Length : close)];
        return ToolCallJson.Read(inside, "arguments") is { } call ? new ToolStep(end, [call]) : ToolStep.Text(end);
    }

    /// <summary>Characters at the end that may be the beginning of a call, white space before it included.</summary>
    private static int Held(string text)
    {
        int length = Math.Min(Open.Length - 1, text.Length);
        while (length > 0 && !text.EndsWith(Open[..length], StringComparison.Ordinal)) length--;
        return text.Length - text.AsSpan(0, text.Length - length).TrimEnd().Length;
    }
}
