using System.Text;
using Grid.Gateway.Access;
using Grid.Gateway.Errors;
using Grid.Gateway.Tokens;
using Grid.Hosting.Settings;
using Orleans.Dashboard;

namespace Grid.Gateway.Dashboard;

/// <summary>Orleans' dashboard, when <see cref="GridOptions.Dashboard"/> enables it. For admins only.</summary>
internal static class DashboardEndpoints
{
    private const string Path = "/dashboard";
    private const string Basic = "Basic ";

    // This page shows a grain's state, which is personal data.
    private const string GrainState = $"{Path}/GrainState";

    /// <summary>
    /// Adds sign-in for browsers: they ask for a name and a password, and an admin's token is the password. The page's
    /// own requests carry it too.
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

    /// <summary>Maps the dashboard.</summary>
    internal static void MapDashboard(this WebApplication app)
    {
        if (!GridOptions.HasDashboard(app.Configuration))
            return;
        var pages = app.MapOrleansDashboard(Path).Allow(Roles.Admin).ExcludeFromDescription();
        pages.AddEndpointFilter(
            static async (context, next) =>
                context.HttpContext.Request.Path.StartsWithSegments(GrainState, StringComparison.OrdinalIgnoreCase)
                    ? new Refusal(ErrorCodes.RoleForbidden, "The dashboard does not show the state of a grain.")
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
