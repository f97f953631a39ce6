using SubSpec.Core.Generation;

namespace SubSpec.Server.Http.Generating;

/// <summary>Who asks.</summary>
/// <param name="RequestId">As <see cref="NewId"/> makes them.</param>
/// <param name="Session">The conversation; null for none.</param>
/// <param name="Scope">Nothing of one scope is shared with another.</param>
internal sealed record Asker(string RequestId, SessionId? Session, string Scope)
{
    public const string IdPrefix = "req_";

    public static string NewId() => $"{IdPrefix}{Guid.NewGuid():N}";
}
