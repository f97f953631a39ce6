using SubSpec.Core.Generation;
using SubSpec.Server.Http.Errors;

namespace SubSpec.Server.Http.Generating;

/// <summary>The conversation that a request belongs to.</summary>
internal static class SessionHeader
{
    public const string Name = "X-Session-Id";

    /// <summary>The header's session, else that of <c>prompt_cache_key</c>, else none.</summary>
    /// <exception cref="ApiException">The name cannot be used.</exception>
    public static SessionId? Read(HttpRequest request, string? cacheKey)
    {
        string? header = request.Headers.TryGetValue(Name, out var values) ? values.ToString() : null;
        (string? name, string where) = header is null ? (cacheKey, "prompt_cache_key") : (header, Name);
        return Named(name, where);
    }

    /// <param name="where">What the name was given as.</param>
    /// <exception cref="ApiException">The name cannot be used.</exception>
    public static SessionId? Named(string? name, string where)
    {
        if (name is null) return null;
        return name.Length is > 0 and <= ServeLimits.SessionCharacters
            ? new SessionId(name)
            : throw ApiException.Bad(where, $"'{where}' has {name.Length} characters: give 1 to {ServeLimits.SessionCharacters}, or leave it out");
    }
}
