using System.Text.Json;
using Microsoft.AspNetCore.Authorization;
using SubSpec.Core;
using SubSpec.Server.Http.Errors;
using SubSpec.Server.Http.Loading;
using SubSpec.Server.Http.Requests;
using SubSpec.Server.Http.Responses;

namespace SubSpec.Server.Page;

/// <summary>The page at <c>/</c>, its files, and what it watches and changes under <c>/live</c>.</summary>
internal static class PageEndpoints
{
    /// <summary>Nothing from elsewhere, nothing inline, and nobody may put the page into a frame.</summary>
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private const int RetrySeconds = 10;

    public static void Map(IEndpointRouteBuilder routes)
    {
        // The page itself holds no secret, and asks for the key.
        RouteGroupBuilder files = routes.MapGroup("").WithMetadata(new AllowAnonymousAttribute()).ExcludeFromDescription();
        files.MapGet("/", (HttpContext http) => Send(http, PageFiles.Index));
        files.MapGet("/page/{file}", Send);
        routes.MapGet("/live", WatchAsync).ExcludeFromDescription();
        routes.MapPost("/live/schedule", ChangeScheduleAsync).ExcludeFromDescription();
    }

    private static IResult Send(HttpContext http, string file)
    {
        if (!PageFiles.All.TryGetValue(file, out PageFile? found)) return Results.NotFound();
        IHeaderDictionary headers = http.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        // Asked for anew each time, sent only when it has changed: a new version is a new page at once.
        headers.CacheControl = "no-cache";
        return Results.Bytes(found.Bytes, found.ContentType, entityTag: found.Tag);
    }

    private static async Task WatchAsync(HttpContext http, LiveFeed feed, IHostApplicationLifetime lifetime)
    {
        using IDisposable place = feed.TryEnter() ?? throw ApiException.Busy($"{LiveFeed.MaxWatchers} pages watch already: close one", RetrySeconds);
        // A page that is open does not keep the service from stopping.
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        http.Response.Headers.CacheControl = "no-store";
        await TypedResults.ServerSentEvents(feed.EventsAsync(leave.Token)).ExecuteAsync(http);
    }

    private static async Task ChangeScheduleAsync(HttpContext http, ScheduleSwitch schedules, IModelHost model)
    {
        JsonElement body = await JsonBody.ReadAsync(http.Request, http.RequestAborted);
        ScheduleChoice choice = Parse(body);
        // It is being loaded with the schedule that was in force.
        if (model.State == ModelState.Loading) throw ApiException.Unavailable("model_loading", $"{model.Name} is being loaded: change the schedule when it is there", RetrySeconds);
        try
        {
            // Who goes away has switched all the same; it takes a round at most.
            await schedules.UseAsync(choice.Schedule, model, CancellationToken.None);
        }
        catch (BadInputException e)
        {
            throw ApiException.Bad("schedule", e.Message);
        }
        await Json.WriteAsync(http.Response, new ScheduleChoice(schedules.Current), http.RequestAborted);
    }

    private static ScheduleChoice Parse(JsonElement body)
    {
        if (body.ValueKind == JsonValueKind.Object && body.EnumerateObject().Count() == 1
            && body.TryGetProperty("schedule", out JsonElement name) && name.ValueKind == JsonValueKind.String)
            return new ScheduleChoice(name.GetString()!);
        throw ApiException.Bad("schedule", """the body must be {"schedule": "NAME"} and nothing else""");
    }
}
