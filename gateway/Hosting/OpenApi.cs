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

    internal static void MapGridOpenApi(this IEndpointRouteBuilder routes) => routes.MapOpenApi("/openapi/v1.json").AllowEveryone();

    /// <summary>States who may call, and that every error is a problem.</summary>
    private static void Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<AccessRule>().LastOrDefault() is not { } rule)
            return;
        operation.Responses ??= [];
        Problem(operation, context, "default", "A problem, with a stable code.");
        if (rule.TokenIgnored)
            return;
        operation.Description = $"Roles: {(rule.Anonymous ? "none, " : "")}{rule.Roles.ToString().ToLowerInvariant()}.";
        var bearer = new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, context.Document)] = [] };
        // An empty requirement is how the description says that a token may be left out.
        operation.Security = rule.Anonymous ? [new OpenApiSecurityRequirement(), bearer] : [bearer];
        Problem(operation, context, "401", "The token is missing, not of this grid, or over.");
        Problem(operation, context, "403", "The caller may not do this.");
    }

    private static void Problem(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, string status, string description)
        => operation.Responses!.TryAdd(status, new OpenApiResponse
        {
            Description = description,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                [Problems.ContentType] = new() { Schema = new OpenApiSchemaReference(nameof(ProblemShape), context.Document) },
            },
        });
}
