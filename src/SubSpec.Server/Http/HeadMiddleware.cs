namespace SubSpec.Server.Http;

/// <summary>Serves HEAD as GET, wherever that is served; the web server leaves the body out.</summary>
internal sealed class HeadMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext http)
    {
        if (HttpMethods.IsHead(http.Request.Method)) http.Request.Method = HttpMethods.Get;
        return next(http);
    }
}
