namespace SubSpec.Server.Http.Tools;

/// <summary>A part of what the model says: text, or a call of a tool.</summary>
internal abstract record AnswerPart
{
    private AnswerPart()
    {
    }

    public sealed record Text(string Value) : AnswerPart;

    /// <param name="Index">Counts the answer's calls from 0.</param>
    /// <param name="Arguments">A JSON object.</param>
    public sealed record Call(int Index, string Id, string Name, string Arguments) : AnswerPart;
}
