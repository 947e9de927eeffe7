using Grid.Gateway.Access;
using Grid.Gateway.Codes;
using Grid.Gateway.Errors;
using Grid.Gateway.Scans;
using Grid.Gateway.Tokens;

namespace Grid.Gateway.Hosting;

/// <summary>
/// Serves the display and the scan before routing, without a scope, an endpoint or a state machine. The same handlers
/// stand behind the mapped routes, which describe them and serve every other spelling of their paths.
/// </summary>
internal sealed class HotRoutes(
    RequestDelegate next, Gatekeeper gatekeeper, DisplayHandler displays, ScanHandler scans, ProblemWriter problems)
{
    public Task InvokeAsync(HttpContext context)
    {
        var path = context.Request.Path.Value;
        if (path is CodesEndpoints.DisplayPath && HttpMethods.IsGet(context.Request.Method))
            return Run(context, display: true);
        if (path is ScansEndpoints.ScanPath && HttpMethods.IsPost(context.Request.Method))
            return Run(context, display: false);
        return next(context);
    }

    private Task Run(HttpContext context, bool display)
    {
        if (gatekeeper.Check(context, display ? Roles.Resident : Roles.Device, out var caller) is { } refused)
            return Problems.WriteAsync(context, refused);
        try
        {
            var answer = display ? displays.HandleAsync(context, caller) : scans.HandleAsync(context, caller);
            return answer.IsCompletedSuccessfully ? Task.CompletedTask : problems.GuardAsync(context, answer);
        }
        catch (Exception fault)
        {
            return problems.AnswerAsync(context, fault);
        }
    }

}
