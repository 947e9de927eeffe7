using System.Text.Json.Serialization;

namespace Grid.Bench.Baselines;

/// <summary>The same display and scan as Grid's, without tokens checked, codes signed or policies applied.</summary>
internal static class Endpoints
{
    public static void MapBaseline(this WebApplication app, ICodeStore store)
    {
        app.MapGet("/display/{id:guid}", (Guid id, HttpContext context) => Display(store, id, context));
        app.MapPost("/scan", (HttpContext context) => Scan(store, context));
        app.MapGet("/ready", () => TypedResults.NoContent());
    }

    private static async Task Display(ICodeStore store, Guid id, HttpContext context)
    {
        var view = await store.DisplayAsync(id, context.RequestAborted);
        if (view is null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = view.Length;
        await context.Response.Body.WriteAsync(view);
    }

    private static async Task Scan(ICodeStore store, HttpContext context)
    {
        var scan = await context.Request.ReadFromJsonAsync(BaselineJson.Default.ScanRequest, context.RequestAborted);
        if (scan is null)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }
        var at = TimeProvider.System.GetUtcNow();
        var isNew = await store.RecordAsync(new Visit(scan.ScanId, scan.VenueId, scan.Token, at), context.RequestAborted);
        if (!isNew)
        {
            context.Response.StatusCode = StatusCodes.Status409Conflict;
            return;
        }
        await context.Response.WriteAsJsonAsync(new ScanAnswer(scan.ScanId, true, "green", [], at), BaselineJson.Default.ScanAnswer);
    }
}

internal sealed record ScanRequest(Guid ScanId, string VenueId, string Token);

internal sealed record ScanAnswer(Guid ScanId, bool Admit, string Colour, string[] Reasons, DateTimeOffset RecordedAt);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ScanRequest))]
[JsonSerializable(typeof(ScanAnswer))]
internal sealed partial class BaselineJson : JsonSerializerContext;
