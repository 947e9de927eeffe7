using System.Collections.Concurrent;
using Grid.Gateway.Errors;
using Grid.Gateway.Tokens;
using Microsoft.AspNetCore.Authorization;

namespace Grid.Gateway.Access;

/// <summary>
/// The callers of a route: the one requirement of its authorization policy. Every route has exactly one rule;
/// otherwise <see cref="AccessMiddleware"/> stops the start.
/// </summary>
/// <param name="Roles">The roles that may call.</param>
/// <param name="Anonymous">True when the route also serves calls without a token.</param>
/// <param name="TokenIgnored">True when the route ignores tokens.</param>
public sealed record AccessRule(Roles Roles, bool Anonymous = false, bool TokenIgnored = false)
    : IAuthorizationRequirement
{
    /// <summary>Null when the call is allowed, else the error code.</summary>
    /// <param name="check">The outcome of the token check.</param>
    /// <param name="role">The caller's role; read only when the token is valid.</param>
    /// <param name="hasHeader">Whether the request has an Authorization header.</param>
    internal ErrorCode? Refuses(AccessTokenCheck check, Role role, bool hasHeader) =>
        check switch
        {
            AccessTokenCheck.Valid => ((int)Roles >> (int)role & 1) != 0 ? null : ErrorCodes.RoleForbidden,
            AccessTokenCheck.Missing => Anonymous && !hasHeader ? null : ErrorCodes.TokenMissing,
            AccessTokenCheck.Expired => ErrorCodes.TokenExpired,
            AccessTokenCheck.Revoked => ErrorCodes.TokenRevoked,
            _ => ErrorCodes.TokenInvalid,
        };
}

/// <summary>States the access rule of a route or a group of routes.</summary>
public static class AccessRules
{
    private static readonly ConcurrentDictionary<AccessRule, AuthorizationPolicy> Policies = new();

    /// <summary>Allows these roles.</summary>
    public static TBuilder Allow<TBuilder>(this TBuilder builder, Roles roles)
        where TBuilder : IEndpointConventionBuilder => builder.Require(new AccessRule(roles));

    /// <summary>Allows callers without a token, and these roles.</summary>
    public static TBuilder AllowAnonymousOr<TBuilder>(this TBuilder builder, Roles roles)
        where TBuilder : IEndpointConventionBuilder => builder.Require(new AccessRule(roles, Anonymous: true));

    /// <summary>Allows every caller and ignores tokens.</summary>
    public static TBuilder AllowEveryone<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new AccessRule(Roles.None, Anonymous: true, TokenIgnored: true)).AllowAnonymous();

    /// <summary>
    /// Allows these roles; <see cref="AccessMiddleware"/> enforces it, not ASP.NET's authorization. For the hot routes
    /// only.
    /// </summary>
    internal static TBuilder AllowHot<TBuilder>(this TBuilder builder, Roles roles)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new AccessRule(roles));

    // Share one policy per set of roles.
    private static TBuilder Require<TBuilder>(this TBuilder builder, AccessRule rule)
        where TBuilder : IEndpointConventionBuilder =>
        builder
            .WithMetadata(rule)
            .RequireAuthorization(
                Policies.GetOrAdd(rule, static rule =>
                    new AuthorizationPolicyBuilder(TokenAuthentication.SchemeName).AddRequirements(rule).Build()
                )
            );
}
