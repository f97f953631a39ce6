using System.Collections.Immutable;
using System.Net;

namespace SubSpec.Server.Http.Security;

/// <summary>Who may call the service how.</summary>
/// <param name="hosts">Names by which it may be called, besides addresses and localhost.</param>
/// <param name="origins">Sites whose pages may call it, besides its own.</param>
internal sealed class AllowedSites(ImmutableArray<string> hosts, ImmutableArray<string> origins)
{
    public bool AllowsHost(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || IPAddress.TryParse(host.Trim('[', ']'), out _) || hosts.Contains(host, StringComparer.OrdinalIgnoreCase);

    public bool AllowsOrigin(string? origin, HttpRequest request) =>
        string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase) || origins.Contains(origin ?? "", StringComparer.OrdinalIgnoreCase);
}
