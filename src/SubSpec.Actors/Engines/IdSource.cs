namespace SubSpec.Actors.Engines;

/// <summary>Numbers that are never given twice, also not by the actor that a failed one is replaced with.</summary>
internal sealed class IdSource
{
    private long _last;

    public long Next() => Interlocked.Increment(ref _last);
}
