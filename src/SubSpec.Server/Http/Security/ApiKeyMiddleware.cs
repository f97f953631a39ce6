using Microsoft.AspNetCore.Authorization;
using SubSpec.Server.Http.Errors;

namespace SubSpec.Server.Http.Security;

/// <summary>Asks for a key, where keys are required and the endpoint is not open to all.</summary>
internal sealed class ApiKeyMiddleware(RequestDelegate next, ApiKeys keys)
{
    private const string Scheme = "Bearer ";

    public Task InvokeAsync(HttpContext http)
    {
        if (!keys.AreRequired || http.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null) return next(http);
        string header = http.Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) throw ApiException.Unauthorized("an API key is required: send 'Authorization: Bearer KEY'");
        http.Features.Set(keys.Identify(header[Scheme.Length..].Trim()) ?? throw ApiException.Unauthorized("the API key is not one of this service"));
        return next(http);
    }
}
