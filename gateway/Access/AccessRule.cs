using Grid.Gateway.Tokens;

namespace Grid.Gateway.Access;

/// <summary>Who may call a route. Every route states one; a route without is refused when the host starts.</summary>
/// <param name="Roles">The roles that may call.</param>
/// <param name="Anonymous">True when a call without a token is served as well.</param>
/// <param name="TokenIgnored">True when nobody looks at the token at all.</param>
public sealed record AccessRule(Roles Roles, bool Anonymous = false, bool TokenIgnored = false);

/// <summary>How routes state their rule.</summary>
public static class AccessRules
{
    /// <summary>The route is for these roles.</summary>
    public static TBuilder Allow<TBuilder>(this TBuilder builder, Roles roles)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new AccessRule(roles));

    /// <summary>The route is for callers without a token and for these roles.</summary>
    public static TBuilder AllowAnonymousOr<TBuilder>(this TBuilder builder, Roles roles)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new AccessRule(roles, Anonymous: true));

    /// <summary>The route is for everyone, whatever token they carry.</summary>
    public static TBuilder AllowEveryone<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new AccessRule(Roles.None, Anonymous: true, TokenIgnored: true));
}
