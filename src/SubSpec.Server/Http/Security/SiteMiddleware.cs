using SubSpec.Server.Http.Errors;

namespace SubSpec.Server.Http.Security;

/// <summary>
/// Keeps web pages of others out. A page may send requests to this machine, with the name of its own site in <c>Origin</c>; and with
/// DNS rebinding it makes its own name lead here, which then stands in <c>Host</c>. An address cannot be rebound.
/// </summary>
internal sealed class SiteMiddleware(RequestDelegate next, AllowedSites sites)
{
    public Task InvokeAsync(HttpContext http)
    {
        HostString host = http.Request.Host;
        if (!sites.AllowsHost(host.Host))
            throw ApiException.Forbidden($"the service is not called '{host.Host}': use its address, or allow the name with --allow-host");
        foreach (string? origin in http.Request.Headers.Origin)
            if (!sites.AllowsOrigin(origin, http.Request)) throw ApiException.Forbidden($"pages of '{origin}' may not call this service: allow them with --allow-origin");
        return next(http);
    }
}
