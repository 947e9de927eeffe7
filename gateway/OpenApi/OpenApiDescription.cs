using Grid.Gateway.Access;
using Grid.Gateway.Errors;
using Grid.Gateway.Pages;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Grid.Gateway.OpenApi;

/// <summary>The OpenAPI document at <c>/openapi/v1.json</c>, generated from the routes.</summary>
internal static class OpenApiDescription
{
    private const string Document = "v1";
    private const string Scheme = "bearer";

    internal static void AddGridOpenApi(this IServiceCollection services) => services.AddOpenApi(Document, options =>
        {
            options.AddDocumentTransformer(
                (document, _, _) =>
                {
                    // Behind a proxy the gateway does not know its public address; without servers, clients use the
                    // document's.
                    document.Servers = [];
                    document.Info = new OpenApiInfo
                    {
                        Title = "Grid",
                        Version = Document,
                        Description = "A city's code-status service.",
                    };
                    document.Components ??= new OpenApiComponents();
                    document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
                    document.Components.SecuritySchemes[Scheme] = new OpenApiSecurityScheme
                    {
                        Type = SecuritySchemeType.Http,
                        Scheme = Scheme,
                    };
                    return Task.CompletedTask;
                }
            );
            options.AddOperationTransformer(
                (operation, context, _) =>
                {
                    Describe(operation, context);
                    return Task.CompletedTask;
                }
            );
        });

    /// <summary>
    /// Maps the document. It is generated once, at the first request: that takes longer than a thousand displays.
    /// </summary>
    internal static void MapGridOpenApi(this IEndpointRouteBuilder routes)
    {
        Task<PageFile>? made = null;
        var gate = new Lock();
        routes
            .MapGet("/openapi/v1.json", async context => await PagesEndpoints.SendAsync(context, await Made()))
            .AllowEveryone()
            .ExcludeFromDescription();

        Task<PageFile> Made()
        {
            lock (gate)
            {
                if (made is null or { IsFaulted: true })
                    made = Task.Run(() => MakeAsync(routes.ServiceProvider));
                return made;
            }
        }
    }

    private static async Task<PageFile> MakeAsync(IServiceProvider services)
    {
        var document = await services
            .GetRequiredKeyedService<IOpenApiDocumentProvider>(Document)
            .GetOpenApiDocumentAsync();
        using var json = new MemoryStream();
        await document.SerializeAsJsonAsync(json, OpenApiSpecVersion.OpenApi3_1);
        return new PageFile("openapi/v1.json", "application/json; charset=utf-8", json.ToArray());
    }

    /// <summary>Adds the access rule, and problem details as the form of every error.</summary>
    private static void Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<AccessRule>().LastOrDefault() is not { } rule)
            return;
        operation.Responses ??= [];
        Problem(operation, context, "default", "A problem, with a stable code.");
        if (rule.TokenIgnored)
            return;
        operation.Description = $"Roles: {(rule.Anonymous ? "none, " : "")}{rule.Roles.ToString().ToLowerInvariant()}.";
        var bearer = new OpenApiSecurityRequirement
        {
            [new OpenApiSecuritySchemeReference(Scheme, context.Document)] = [],
        };
        // In OpenAPI, an empty requirement makes the token optional.
        operation.Security = rule.Anonymous ? [new OpenApiSecurityRequirement(), bearer] : [bearer];
        Problem(operation, context, "401", "The token is missing, not of this grid, or expired.");
        Problem(operation, context, "403", "The caller may not do this.");
    }

    private static void Problem(
        OpenApiOperation operation,
        OpenApiOperationTransformerContext context,
        string status,
        string description
    ) =>
        operation.Responses!.TryAdd(
            status,
            new OpenApiResponse
            {
                Description = description,
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    [Problems.ContentType] = new()
                    {
                        Schema = new OpenApiSchemaReference(nameof(ProblemShape), context.Document),
                    },
                },
            }
        );
}
