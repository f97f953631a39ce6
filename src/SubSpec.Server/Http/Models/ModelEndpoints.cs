using System.Collections.Immutable;
using SubSpec.Server.Http.Errors;
using SubSpec.Server.Http.Loading;

namespace SubSpec.Server.Http.Models;

/// <summary><c>/v1/models</c>: the one model that is served.</summary>
internal static class ModelEndpoints
{
    public static void MapModels(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/models", (IModelHost models) => Results.Json(new ModelList([Describe(models)]), Responses.Json.Options))
            .Produces<ModelList>().WithSummary("Lists the model");
        // Names may have a slash in them.
        routes.MapGet("/v1/models/{**id}", (string id, IModelHost models) => id == models.Name
            ? Results.Json(Describe(models), Responses.Json.Options)
            : throw ApiException.NotFound("model", "model_not_found", $"there is no model '{id}' here: use '{models.Name}'"))
            .Produces<ModelBody>().WithSummary("Describes the model");
    }

    private static ModelBody Describe(IModelHost models) => new(models.Name, models.Created.ToUnixTimeSeconds());
}

internal sealed record ModelList(ImmutableArray<ModelBody> Data)
{
    public string Object => "list";
}

/// <param name="Created">When the service began to serve it, in Unix seconds.</param>
internal sealed record ModelBody(string Id, long Created)
{
    public string Object => "model";

    public string OwnedBy => "subspec";
}
