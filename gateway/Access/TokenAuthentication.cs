using System.Security.Claims;
using System.Text.Encodings.Web;
using Grid.Gateway.Errors;
using Grid.Gateway.Security;
using Grid.Gateway.Tokens;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace Grid.Gateway.Access;

/// <summary>The authentication scheme of the grid's access tokens. It refuses with problem details.</summary>
internal sealed class TokenAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder,
    BearerTokens tokens
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    /// <summary>The name of the scheme.</summary>
    internal const string SchemeName = "Bearer";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (tokens.Check(Context, out var caller) != AccessTokenCheck.Valid)
            return Task.FromResult(AuthenticateResult.NoResult());
        Context.Features.Set(new CallerFeature(caller));
        Claim[] claims =
        [
            new(ClaimTypes.NameIdentifier, caller.Subject),
            new(ClaimTypes.Role, RoleNames.Of(caller.Role)),
        ];
        var principal = new ClaimsPrincipal(new ClaimsIdentity(claims, SchemeName));
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(principal, SchemeName)));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) =>
        Problems.WriteAsync(
            Context,
            tokens.Read(Context, out _) switch
            {
                AccessTokenCheck.Expired => ErrorCodes.TokenExpired,
                AccessTokenCheck.Revoked => ErrorCodes.TokenRevoked,
                AccessTokenCheck.Invalid => ErrorCodes.TokenInvalid,
                _ => ErrorCodes.TokenMissing,
            }
        );

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Problems.WriteAsync(Context, ErrorCodes.RoleForbidden);
}

/// <summary>Decides whether the caller meets the route's rule.</summary>
internal sealed class AccessRuleHandler : AuthorizationHandler<AccessRule>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, AccessRule requirement)
    {
        if (context.Resource is not HttpContext http)
            return Task.CompletedTask;
        var check = http.Features.Get<CallerFeature>() is null ? AccessTokenCheck.Missing : AccessTokenCheck.Valid;
        var role = check == AccessTokenCheck.Valid ? http.CheckedCaller().Role : default;
        if (requirement.Refuses(check, role, hasHeader: http.Request.Headers.Authorization.Count > 0) is null)
            context.Succeed(requirement);
        return Task.CompletedTask;
    }
}

/// <summary>Adds authentication and authorization to the gateway.</summary>
internal static class GatewayAccess
{
    internal static IServiceCollection AddAccess(this IServiceCollection services)
    {
        services.AddSingleton<AccessTokens>();
        services.AddSingleton<Revocations>();
        services.AddSingleton<RevocationFeed>();
        services.AddHostedService(static provider => provider.GetRequiredService<RevocationFeed>());
        services.AddSingleton<SecurityEvents>();
        services.AddSingleton<BearerTokens>();
        services
            .AddAuthentication(TokenAuthentication.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, TokenAuthentication>(TokenAuthentication.SchemeName, null);
        services.AddAuthorization();
        services.AddSingleton<IAuthorizationHandler, AccessRuleHandler>();
        // A log line per refused call would let any caller fill the log; a metric counts refusals by code.
        services.AddLogging(static logging =>
            logging.AddFilter(typeof(TokenAuthentication).FullName, LogLevel.Warning)
        );
        return services;
    }

    /// <summary>Enforces each route's rule before its handler is bound, so before its body is read.</summary>
    internal static void UseAccess(this WebApplication app)
    {
        // Policies name their scheme, so authorization authenticates. Without this mark the host would add a second
        // authentication to every request, hot ones included.
        ((IApplicationBuilder)app).Properties["__AuthenticationMiddlewareSet"] = true;
        app.UseMiddleware<AccessMiddleware>();
        app.UseAuthorization();
    }
}
