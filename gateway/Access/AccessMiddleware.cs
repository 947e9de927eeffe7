using Grid.Gateway.Errors;
using Grid.Gateway.Tokens;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Features;

namespace Grid.Gateway.Access;

/// <summary>
/// Requires an access rule of every route at start, and enforces the rules of the hot routes. Same token check and same
/// decision as ASP.NET's authorization, which guards all other routes, without its scope, ticket and evaluator.
/// </summary>
internal sealed class AccessMiddleware
{
    private readonly RequestDelegate _next;
    private readonly BearerTokens _tokens;

    public AccessMiddleware(RequestDelegate next, EndpointDataSource routes, BearerTokens tokens)
    {
        (_next, _tokens) = (next, tokens);
        RequireRules(routes.Endpoints);
    }

    public Task InvokeAsync(HttpContext context)
    {
        var metadata = context.GetEndpoint()?.Metadata;
        if (
            metadata?.GetMetadata<AccessRule>() is not { TokenIgnored: false } rule
            || metadata.GetMetadata<IAuthorizeData>() is not null
        )
            return _next(context);
        var check = _tokens.Check(context, out var caller);
        if (rule.Refuses(check, caller.Role, context.Request.Headers.Authorization.Count > 0) is { } refused)
            return Problems.WriteAsync(context, refused);
        if (check == AccessTokenCheck.Valid)
            context.Features.Set(new CallerFeature(caller));
        return _next(context);
    }

    /// <exception cref="InvalidOperationException">
    /// A route has no rule or two, so its callers are undefined.
    /// </exception>
    private static void RequireRules(IReadOnlyList<Endpoint> endpoints)
    {
        string[] wrong =
        [
            .. endpoints
                .OfType<RouteEndpoint>()
                .Where(static route => route.Metadata.GetOrderedMetadata<AccessRule>().Count != 1)
                .Select(static route => route.DisplayName ?? route.RoutePattern.RawText ?? "unnamed")
                .Order(),
        ];
        if (wrong.Length > 0)
            throw new InvalidOperationException(
                "Every route needs exactly one access rule: Allow, AllowAnonymousOr or AllowEveryone; wrong: "
                    + $"{string.Join(", ", wrong)}."
            );
    }
}

/// <summary>The checked caller of a mapped route.</summary>
internal sealed class CallerFeature(Caller caller)
{
    private readonly Caller _caller = caller;

    internal ref readonly Caller Caller => ref _caller;
}

/// <summary>Access to the caller for handlers that write their own answer.</summary>
internal static class CheckedCallers
{
    /// <summary>The caller; only on routes that require a token.</summary>
    internal static ref readonly Caller CheckedCaller(this HttpContext context) =>
        ref context.Features.GetRequiredFeature<CallerFeature>().Caller;
}

/// <summary>A handler's parameter: the caller that <see cref="AccessMiddleware"/> has checked.</summary>
public sealed record CheckedCaller(Role Role, Guid ResidentId, string Subject)
{
    /// <summary>Binds from the request; null for a call without a token, on a route that allows it.</summary>
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
