using SubSpec.Server.Http.Errors;

namespace SubSpec.Server.Http.Generating;

/// <summary>Endpoints that generate.</summary>
internal static class GenerationEndpoints
{
    public static void MapGeneration(this IEndpointRouteBuilder routes, string path, IGenerationApi api) =>
        routes.MapPost(path, (HttpContext http, GenerationHandler handler) => handler.HandleAsync(http, api))
            .WithSummary(api.Summary)
            .WithMetadata(api)
            .Produces(StatusCodes.Status200OK, api.Response, "application/json", "text/event-stream")
            .Produces<ErrorBody>(StatusCodes.Status400BadRequest)
            .Produces<ErrorBody>(StatusCodes.Status401Unauthorized)
            .Produces<ErrorBody>(StatusCodes.Status429TooManyRequests)
            .Produces<ErrorBody>(StatusCodes.Status503ServiceUnavailable);
}
