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

/// <summary>One rebuild for each failure after which tokens came; a second failure without progress in between goes to the clients.</summary>
internal sealed class RebuildPolicy
{
    private int _failures;

    /// <summary>Tokens came.</summary>
    public void Progressed() => _failures = 0;

    /// <summary>What to do, and what the clients are to see where it is not a rebuild.</summary>
    public (Recovery Recovery, Exception Error) Failed(Exception error)
    {
        if (FindBadInput(error) is { } bad) return (Recovery.End, bad);
        if (++_failures < 2) return (Recovery.Rebuild, error);
        _failures = 0;
        return (Recovery.GiveUp, new EngineFailedException($"the engine failed twice: {error.Message}", error));
    }

    // Supervision wraps what a constructor throws.
    private static BadInputException? FindBadInput(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
            if (error is BadInputException bad) return bad;
        return null;
    }
}
