using System.Collections.Immutable;

namespace SubSpec.Core.Generation;

/// <summary>
/// Load as a busy service has it: a number of places, and whenever an answer ends, the next prompt takes its place. Figures are of the time in which
/// all places are taken: from the first token of any answer to the end of the first one whose place stays empty.
/// </summary>
public static class ClosedLoop
{
    /// <summary>Answers that follow each other in a place, where there are several: with fewer, most of the time the places would be filling or emptying.</summary>
    public const int Turns = 3;

    /// <summary>
    /// What is measured together: indices of prompts. A prompt alone where there is one place; else <see cref="Turns"/> times as many as there are places.
    /// A group that the prompts do not fill begins anew with the first ones, so that all have the same load.
    /// </summary>
    /// <param name="prompts">1 or more.</param>
    /// <param name="places">1 or more.</param>
    public static ImmutableArray<ImmutableArray<int>> Groups(int prompts, int places)
    {
        int size = places == 1 ? 1 : places * Turns;
        return [.. Enumerable.Range(0, (prompts + size - 1) / size).Select(group => Enumerable.Range(group * size, size).Select(i => i % prompts).ToImmutableArray())];
    }
}
