namespace SubSpec.Server.Http.Tools;

/// <summary>Llama 3.1 and later: the whole answer is <c>{"name": ..., "parameters": {...}}</c>, or it is text.</summary>
internal sealed class LlamaTools : IToolFormat
{
    public ToolStep Next(string text, bool atStart, bool ended)
    {
        ReadOnlySpan<char> trimmed = text.AsSpan().TrimStart();
        bool mayBeCall = atStart && (trimmed.IsEmpty || trimmed[0] == '{');
        if (!mayBeCall) return ToolStep.Text(text.Length);
        if (!ended) return ToolStep.Wait;
        return ToolCallJson.Read(text, "parameters") is { } call ? new ToolStep(text.Length, [call]) : ToolStep.Text(text.Length);
    }
}
