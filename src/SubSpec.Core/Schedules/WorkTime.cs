namespace SubSpec.Core.Schedules;

/// <summary>What so many rows through a model took.</summary>
public readonly record struct WorkTime(int Rows, double Seconds);

/// <summary>What a pass took, and what it was good for.</summary>
/// <param name="Verify">Its rows, prompt chunks included, and their compute time.</param>
/// <param name="StreamSeconds">What the link needs for the layers that it streamed, at the rate of the last reads; 0 where nothing is offloaded.</param>
/// <param name="Layers">Layers that it streamed.</param>
/// <param name="CycleSeconds">From the end of the pass before, or from when there was work again, to its end.</param>
/// <param name="Tokens">Tokens that it chose, of all sequences together.</param>
public readonly record struct PassTimes(WorkTime Verify, double StreamSeconds, int Layers, double CycleSeconds, int Tokens)
{
    /// <summary>Layers that may have been read before it began: slots of the ring.</summary>
    public int RingSlots { get; init; }

    /// <summary>How often the draft's first choice was wrong on the ways of its acceptance walks: where another one was accepted, and where the walk ended though the tree went on.</summary>
    public int WrongChoices { get; init; }
}
