using Grid.Gateway.Access;
using Grid.Gateway.Errors;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Grid.Gateway.Hosting;

/// <summary>The description of the interface at <c>/openapi/v1.json</c>, made from the routes.</summary>
internal static class OpenApi
{
    private const string Document = "v1";
    private const string Scheme = "bearer";

    internal static void AddGridOpenApi(this IServiceCollection services) => services.AddOpenApi(Document, options =>
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo { Title = "Grid", Version = Document, Description = "A city's code-status service." };
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes[Scheme] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = Scheme };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            Describe(operation, context);
            return Task.CompletedTask;
        });
    });

    internal static void MapGridOpenApi(this IEndpointRouteBuilder routes) => routes.MapOpenApi().AllowEveryone();

    /// <summary>States who may call, and that every error is a problem.</summary>
    private static void Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<AccessRule>().LastOrDefault() is not { TokenIgnored: false } rule)
            return;
        operation.Description = $"Roles: {(rule.Anonymous ? "none, " : "")}{rule.Roles.ToString().ToLowerInvariant()}.";
        var bearer = new OpenApiSecuritySchemeReference(Scheme, context.Document);
        operation.Security = [new OpenApiSecurityRequirement { [bearer] = [] }];
        operation.Responses ??= [];
        operation.Responses.TryAdd("default", new OpenApiResponse { Description = $"A problem, with a stable code ({Problems.ContentType})." });
    }
}
