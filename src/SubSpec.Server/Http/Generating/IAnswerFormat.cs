using System.Collections.Immutable;
using SubSpec.Core.Generation;
using SubSpec.Server.Http.Responses;

namespace SubSpec.Server.Http.Generating;

/// <summary>Writes the answer to one request, whole or in chunks. Every object is a JSON body of its own.</summary>
internal interface IAnswerFormat
{
    object Whole(ImmutableArray<GenerationResult> results, AnswerTotals totals);

    /// <summary>What a choice's stream begins with.</summary>
    IEnumerable<object> Opening(int choice);

    IEnumerable<object> Delta(int choice, TextDelta delta);

    /// <param name="totals">With the last choice to end: those of the whole answer; else null.</param>
    IEnumerable<object> End(int choice, GenerationResult result, AnswerTotals? totals);

    object Usage(AnswerTotals totals);
}
