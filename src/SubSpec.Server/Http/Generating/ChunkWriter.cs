using SubSpec.Core.Generation;
using SubSpec.Server.Http.Responses;

namespace SubSpec.Server.Http.Generating;

/// <summary>Puts what happens to an answer's choices into chunks.</summary>
/// <param name="choices">Choices of each prompt.</param>
/// <param name="count">All choices.</param>
internal sealed class ChunkWriter(IAnswerFormat format, int choices, int count)
{
    private readonly bool[] _opened = new bool[count];
    private readonly GenerationResult?[] _results = new GenerationResult?[count];
    private int _ended;

    /// <summary>Null until all choices have ended.</summary>
    public AnswerTotals? Totals { get; private set; }

    public IEnumerable<object> Next(ChoiceEvent happened)
    {
        int choice = happened.Choice;
        IEnumerable<object> opening = _opened[choice] ? [] : format.Opening(choice);
        _opened[choice] = true;
        return opening.Concat(happened.Event switch
        {
            TextDelta delta => format.Delta(choice, delta),
            Completed completed => End(choice, completed.Result),
            _ => [],
        });
    }

    private IEnumerable<object> End(int choice, GenerationResult result)
    {
        _results[choice] = result;
        if (++_ended == count) Totals = AnswerTotals.Of([.. _results.OfType<GenerationResult>()], choices);
        return format.End(choice, result, Totals);
    }
}
