using Grid.Gateway.Security;
using Grid.Gateway.Tokens;

namespace Grid.Gateway.Access;

/// <summary>Reads a request's bearer token, for the authentication scheme and for the hot routes.</summary>
internal sealed class BearerTokens(AccessTokens tokens, SecurityEvents events)
{
    private const string Scheme = "Bearer ";

    /// <summary>
    /// Checks the token. Sets <paramref name="caller"/> only for <see cref="AccessTokenCheck.Valid"/>.
    /// </summary>
    internal AccessTokenCheck Check(HttpContext context, out Caller caller)
    {
        var check = Read(context, out caller);
        if (check == AccessTokenCheck.Invalid)
            events.Count(SecurityEvent.TokenInvalid);
        else if (check == AccessTokenCheck.Revoked)
            events.Count(SecurityEvent.TokenRevoked);
        return check;
    }

    /// <summary>Checks the token without counting a security event, for a second read of a request.</summary>
    internal AccessTokenCheck Read(HttpContext context, out Caller caller)
    {
        caller = default;
        var header = context.Request.Headers.Authorization;
        if (header.Count != 1)
            return header.Count == 0 ? AccessTokenCheck.Missing : AccessTokenCheck.Invalid;
        var value = header[0].AsSpan();
        if (!value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return AccessTokenCheck.Missing;
        // RFC 9110 allows any number of blanks between scheme and token.
        return tokens.Check(value[Scheme.Length..].TrimStart(' '), out caller);
    }
}
