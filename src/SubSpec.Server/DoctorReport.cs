using System.Collections.Immutable;

namespace SubSpec.Server;

/// <summary>How something that was examined stands.</summary>
public enum DoctorVerdict
{
    Good,

    /// <summary>Works, slower than it could.</summary>
    Slow,

    /// <summary>Does not work.</summary>
    Bad,
}

/// <summary>One thing that was examined.</summary>
/// <param name="Key">Stable name for scripts, <c>snake_case</c>.</param>
/// <param name="Value">What was found, for people.</param>
/// <param name="Advice">Why it would be slow or fail and what to do; null when good.</param>
public sealed record DoctorCheck(string Key, string Name, string Value, DoctorVerdict Verdict, string? Advice);

/// <summary>What this machine, and a model on it, can do.</summary>
public sealed record DoctorReport(ImmutableArray<DoctorCheck> Checks);
