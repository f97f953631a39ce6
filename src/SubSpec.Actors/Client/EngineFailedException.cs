namespace SubSpec.Actors.Client;

/// <summary>The engine failed, was rebuilt where possible, and failed again: no fault of the request. The cause is the inner exception.</summary>
public sealed class EngineFailedException : Exception
{
    public EngineFailedException(string message)
        : base(message)
    {
    }

    public EngineFailedException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
