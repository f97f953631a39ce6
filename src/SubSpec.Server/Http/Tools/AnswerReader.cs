using System.Collections.Immutable;

namespace SubSpec.Server.Http.Tools;

/// <summary>Splits one answer, as it comes, into text and tool calls.</summary>
/// <param name="format">Null where everything is text.</param>
internal sealed class AnswerReader(IToolFormat? format)
{
    private string _held = "";
    private bool _atStart = true;

    /// <summary>Tool calls so far.</summary>
    public int Calls { get; private set; }

    /// <summary>What is settled by now. What may become a tool call is held back.</summary>
    public ImmutableArray<AnswerPart> Append(string text) => Split(_held + text, ended: false);

    /// <summary>Nothing comes any more.</summary>
    public ImmutableArray<AnswerPart> End() => Split(_held, ended: true);

    private ImmutableArray<AnswerPart> Split(string text, bool ended)
    {
        var parts = ImmutableArray.CreateBuilder<AnswerPart>();
        while (text.Length > 0)
        {
            ToolStep step = format?.Next(text, _atStart, ended) ?? ToolStep.Text(text.Length);
            if (step.Length == 0) break;
            if (step.Calls.IsEmpty) parts.Add(new AnswerPart.Text(text[..step.Length]));
            foreach (ToolCall call in step.Calls) parts.Add(new AnswerPart.Call(Calls++, $"call_{Guid.NewGuid():N}", call.Name, call.Arguments));
            (text, _atStart) = (text[step.Length..], false);
        }
        _held = text;
        return parts.ToImmutable();
    }
}
