using Microsoft.AspNetCore.Authorization;
using Microsoft.OpenApi;
using SubSpec.Server.Http.Generating;
using SubSpec.Server.Http.Requests;

namespace SubSpec.Server.Http.OpenApi;

/// <summary>The OpenAPI document. The fields of requests are those that the readers know.</summary>
internal static class ServiceDocument
{
    public static IServiceCollection AddServiceDocument(this IServiceCollection services) => services
        .ConfigureHttpJsonOptions(json => json.SerializerOptions.PropertyNamingPolicy = Responses.Json.Options.PropertyNamingPolicy)
        .AddOpenApi(options => options
            .AddDocumentTransformer((document, _, _) =>
            {
                document.Info = new OpenApiInfo { Title = "SubSpec", Version = "v1", Description = "A model larger than fast memory behind OpenAI's API. What is not listed is refused." };
                return Task.CompletedTask;
            })
            .AddOperationTransformer((operation, context, _) =>
            {
                IGenerationApi? api = context.Description.ActionDescriptor.EndpointMetadata.OfType<IGenerationApi>().FirstOrDefault();
                if (api is not null) operation.RequestBody = BodyOf(api);
                return Task.CompletedTask;
            }));

    public static void MapServiceDocument(this IEndpointRouteBuilder routes) => routes.MapOpenApi("/openapi/{documentName}.json").WithMetadata(new AllowAnonymousAttribute());

    private static OpenApiRequestBody BodyOf(IGenerationApi api)
    {
        var schema = new OpenApiSchema { Type = JsonSchemaType.Object, Properties = new Dictionary<string, IOpenApiSchema>() };
        foreach (Parameter parameter in api.Parameters.Where(p => p.IsHonoured))
            schema.Properties[parameter.Name] = new OpenApiSchema { Type = TypeOf(parameter), Description = parameter.Meaning };
        return new OpenApiRequestBody { Required = true, Content = new Dictionary<string, OpenApiMediaType> { ["application/json"] = new() { Schema = schema } } };
    }

    private static JsonSchemaType TypeOf(Parameter parameter) =>
        parameter.Type.Split('|').Select(t => Enum.Parse<JsonSchemaType>(t, ignoreCase: true)).Aggregate((a, b) => a | b);
}
