using System.Text;
using Grid.Gateway.Access;
using Grid.Gateway.Errors;
using Grid.Gateway.Tokens;
using Grid.Hosting.Settings;
using Orleans.Dashboard;

namespace Grid.Gateway.Dashboard;

/// <summary>Orleans' own dashboard, where <see cref="GridOptions.Dashboard"/> switches it on. For admins only.</summary>
internal static class DashboardEndpoints
{
    private const string Path = "/dashboard";
    private const string Basic = "Basic ";

    // Answers with what a grain keeps, and so with persons.
    private const string GrainState = $"{Path}/GrainState";

    /// <summary>
    /// Lets a browser sign in: it asks for a name and a password, and the password is an admin's token. The page's own requests carry it too.
    /// </summary>
    internal static void UseDashboardSignIn(this WebApplication app)
    {
        if (!GridOptions.HasDashboard(app.Configuration))
            return;
        app.UseWhen(
            static context => context.Request.Path.StartsWithSegments(Path, StringComparison.OrdinalIgnoreCase),
            static branch =>
                branch.Use(
                    static (context, next) =>
                    {
                        var headers = context.Request.Headers;
                        if (TokenOf(headers.Authorization.ToString()) is { } token)
                            headers.Authorization = $"Bearer {token}";
                        else if (headers.Authorization.Count == 0)
                            context.Response.OnStarting(
                                static state =>
                                {
                                    ((HttpResponse)state).Headers.WWWAuthenticate =
                                        "Basic realm=\"Grid dashboard: an admin's token is the password\"";
                                    return Task.CompletedTask;
                                },
                                context.Response
                            );
                        return next(context);
                    }
                )
        );
    }

    /// <summary>Maps it.</summary>
    internal static void MapDashboard(this WebApplication app)
    {
        if (!GridOptions.HasDashboard(app.Configuration))
            return;
        var pages = app.MapOrleansDashboard(Path).Allow(Roles.Admin).ExcludeFromDescription();
        pages.AddEndpointFilter(
            static async (context, next) =>
                context.HttpContext.Request.Path.StartsWithSegments(GrainState, StringComparison.OrdinalIgnoreCase)
                    ? new Refusal(ErrorCodes.RoleForbidden, "The state of a grain is shown to nobody.")
                    : await next(context)
        );
    }

    private static string? TokenOf(string authorization)
    {
        if (!authorization.StartsWith(Basic, StringComparison.OrdinalIgnoreCase))
            return null;
        Span<byte> bytes = stackalloc byte[1_024];
        if (!Convert.TryFromBase64String(authorization[Basic.Length..].Trim(), bytes, out var count))
            return null;
        var pair = Encoding.UTF8.GetString(bytes[..count]);
        return pair.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon ? pair[(colon + 1)..] : null;
    }
}
