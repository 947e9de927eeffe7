using Grid.Gateway.Errors;
using Grid.Gateway.Tokens;
using Microsoft.AspNetCore.Http.Features;

namespace Grid.Gateway.Access;

/// <summary>Enforces the rule of each route before its handler is bound: a body is not read for a caller who may not send it.</summary>
internal sealed class AccessMiddleware(RequestDelegate next, Gatekeeper gatekeeper)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint() is not { } endpoint)
            return next(context);
        var rule = endpoint.Metadata.GetMetadata<AccessRule>();
        if (rule is null)
            // Routing's own answers (405, 415) have no rule and do nothing; a route of ours can't be here, see RouteRules.
            return endpoint is RouteEndpoint ? Problems.WriteAsync(context, ErrorCodes.RoleForbidden) : next(context);
        if (rule.TokenIgnored)
            return next(context);
        if (rule.Anonymous && context.Request.Headers.Authorization.Count == 0)
            return next(context);
        if (gatekeeper.Check(context, rule.Roles, out var caller) is { } refused)
            return Problems.WriteAsync(context, refused);
        context.Features.Set(new CallerFeature(caller));
        return next(context);
    }
}

/// <summary>The checked caller of a mapped route.</summary>
internal sealed class CallerFeature(Caller caller)
{
    private readonly Caller _caller = caller;

    internal ref readonly Caller Caller => ref _caller;
}

/// <summary>How a handler that writes its own answer asks for the caller.</summary>
internal static class CheckedCallers
{
    /// <summary>The caller; only on routes that serve nobody without a token.</summary>
    internal static ref readonly Caller CheckedCaller(this HttpContext context) => ref context.Features.GetRequiredFeature<CallerFeature>().Caller;
}

/// <summary>A handler's parameter: the caller, whom <see cref="AccessMiddleware"/> has checked.</summary>
public sealed record CheckedCaller(Role Role, Guid ResidentId, string Subject)
{
    /// <summary>Binds from the request; null where the route serves callers without a token and there is none.</summary>
    public static ValueTask<CheckedCaller?> BindAsync(HttpContext context)
    {
        if (context.Features.Get<CallerFeature>() is not { } feature)
            return ValueTask.FromResult<CheckedCaller?>(null);
        ref readonly var caller = ref feature.Caller;
        return ValueTask.FromResult<CheckedCaller?>(new CheckedCaller(caller.Role, caller.ResidentId, caller.Subject));
    }

    /// <summary>The venue, site, laboratory, clinic or office: the subject up to the first slash.</summary>
    public string Organisation => Grid.Subject.OrganisationOf(Subject);
}
