using System.Collections.Concurrent;
using Grid.Gateway.Errors;
using Grid.Gateway.Tokens;
using Microsoft.AspNetCore.Authorization;

namespace Grid.Gateway.Access;

/// <summary>
/// Who may call a route: the one requirement of its authorization policy. Every route has exactly one;
/// <see cref="AccessMiddleware"/> stops the start otherwise.
/// </summary>
/// <param name="Roles">The roles that may call.</param>
/// <param name="Anonymous">True when a call without a token is served as well.</param>
/// <param name="TokenIgnored">True when nobody looks at the token at all.</param>
public sealed record AccessRule(Roles Roles, bool Anonymous = false, bool TokenIgnored = false)
    : IAuthorizationRequirement
{
    /// <summary>Null when the call may go on, else why not.</summary>
    /// <param name="check">What the check of the token found.</param>
    /// <param name="role">The caller's role; looked at only when the token is valid.</param>
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

/// <summary>How routes and groups of routes state their rule.</summary>
public static class AccessRules
{
    private static readonly ConcurrentDictionary<AccessRule, AuthorizationPolicy> Policies = new();

    /// <summary>The route is for these roles.</summary>
    public static TBuilder Allow<TBuilder>(this TBuilder builder, Roles roles)
        where TBuilder : IEndpointConventionBuilder => builder.Require(new AccessRule(roles));

    /// <summary>The route is for callers without a token and for these roles.</summary>
    public static TBuilder AllowAnonymousOr<TBuilder>(this TBuilder builder, Roles roles)
        where TBuilder : IEndpointConventionBuilder => builder.Require(new AccessRule(roles, Anonymous: true));

    /// <summary>The route is for everyone, whatever token they carry.</summary>
    public static TBuilder AllowEveryone<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new AccessRule(Roles.None, Anonymous: true, TokenIgnored: true)).AllowAnonymous();

    /// <summary>
    /// The route is for these roles, and <see cref="AccessMiddleware"/> enforces it instead of ASP.NET's authorization. For the
    /// busiest routes only.
    /// </summary>
    internal static TBuilder AllowHot<TBuilder>(this TBuilder builder, Roles roles)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new AccessRule(roles));

    // One policy for each set of roles.
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
