using SubSpec.Actors.Client;
using SubSpec.Core;

namespace SubSpec.Actors.Engines;

/// <summary>What to do about an engine that failed.</summary>
internal enum Recovery
{
    /// <summary>Build it again; the sequences go on from their tokens.</summary>
    Rebuild,

    /// <summary>Fail the sequences; the next one may try again.</summary>
    GiveUp,

    /// <summary>The input of the engine itself cannot be used: over for good.</summary>
    End,
}

/// <summary>
/// One rebuild for each failure after which tokens came. The second one without progress goes to clients: of a build that could not
/// be made, to all of them; of one that worked, to those whose sequences it worked on (the scheduler knows), and a third one to all.
/// </summary>
internal sealed class RebuildPolicy
{
    private int _failures;

    /// <summary>Tokens came.</summary>
    public void Progressed() => _failures = 0;

    /// <summary>What to do, and what the clients are to see where it is not a rebuild.</summary>
    /// <param name="building">True when the engine could not be built; false when it failed at work.</param>
    public (Recovery Recovery, Exception Error) Failed(Exception error, bool building)
    {
        if (FindBadInput(error) is { } bad) return (Recovery.End, bad);
        if (++_failures < (building ? 2 : 3)) return (Recovery.Rebuild, error);
        var shown = new EngineFailedException($"the engine failed {_failures} times: {error.Message}", error);
        _failures = 0;
        return (Recovery.GiveUp, shown);
    }

    // Supervision wraps what a constructor throws.
    private static BadInputException? FindBadInput(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
            if (error is BadInputException bad) return bad;
        return null;
    }
}
