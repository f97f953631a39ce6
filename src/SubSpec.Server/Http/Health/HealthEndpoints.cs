using System.Reflection;
using Microsoft.AspNetCore.Authorization;
using SubSpec.Actors.Engines;
using SubSpec.Server.Http.Loading;
using SubSpec.Server.Metrics;

namespace SubSpec.Server.Http.Health;

/// <summary><c>/health</c>, which says all, <c>/health/live</c> and <c>/health/ready</c>, for those who want a status only, and <c>/version</c>. No key is needed.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("").WithMetadata(new AllowAnonymousAttribute());
        group.MapGet("/health", AnswerAsync).Produces<HealthBody>().Produces<HealthBody>(StatusCodes.Status503ServiceUnavailable)
            .WithSummary("State of the model, how far loading is, what runs; 503 while it is not ready");
        group.MapGet("/health/ready", AnswerAsync).Produces<HealthBody>().Produces<HealthBody>(StatusCodes.Status503ServiceUnavailable)
            .WithSummary("The same");
        group.MapGet("/health/live", () => Results.Json(new LiveBody("ok"), Responses.Json.Options)).Produces<LiveBody>().WithSummary("Always 200");
        group.MapGet("/version", () => Results.Json(new VersionBody(Version), Responses.Json.Options)).Produces<VersionBody>().WithSummary("The program's version");
    }

    private static string Version { get; } =
        typeof(HealthEndpoints).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    private static async Task<IResult> AnswerAsync(IModelHost models, EngineReader engine, CancellationToken cancel)
    {
        // As it is now; who asks at once shares the question.
        EngineLoad? load = (await engine.ReadAsync(TimeSpan.Zero, cancel)).Load;
        ModelState state = models.State;
        // An unloaded model comes back by itself; an engine that ended does not.
        bool ready = state == ModelState.Unloaded || (state == ModelState.Ready && load?.State is not EngineState.Ended);
        return Results.Json(HealthBody.Of(models, state, ready, load), Responses.Json.Options, statusCode: ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}

internal sealed record LiveBody(string Status);

internal sealed record VersionBody(string Version);
