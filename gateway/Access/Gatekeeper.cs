using Grid.Gateway.Errors;
using Grid.Gateway.Security;
using Grid.Gateway.Tokens;

namespace Grid.Gateway.Access;

/// <summary>Checks the bearer token of a request against a set of roles. The hot routes and the mapped ones use the same.</summary>
internal sealed class Gatekeeper(AccessTokens tokens, SecurityEvents events)
{
    private const string Scheme = "Bearer ";

    /// <summary>Null when the caller may go on, else why not.</summary>
    internal ErrorCode? Check(HttpContext context, Roles roles, out Caller caller)
    {
        switch (Read(context, out caller))
        {
            case AccessTokenCheck.Valid:
                return ((int)roles >> (int)caller.Role & 1) != 0 ? null : ErrorCodes.RoleForbidden;
            case AccessTokenCheck.Missing:
                return ErrorCodes.TokenMissing;
            case AccessTokenCheck.Expired:
                return ErrorCodes.TokenExpired;
            case AccessTokenCheck.Revoked:
                events.Count(SecurityEvent.TokenRevoked);
                return ErrorCodes.TokenRevoked;
            default:
                events.Count(SecurityEvent.TokenInvalid);
                return ErrorCodes.TokenInvalid;
        }
    }

    private AccessTokenCheck Read(HttpContext context, out Caller caller)
    {
        var header = context.Request.Headers.Authorization;
        if (header.Count != 1)
        {
            caller = default;
            return header.Count == 0 ? AccessTokenCheck.Missing : AccessTokenCheck.Invalid;
        }
        var value = header[0].AsSpan();
        if (!value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            caller = default;
            return AccessTokenCheck.Missing;
        }
        // RFC 9110 lets several blanks stand between the scheme and the token.
        return tokens.Check(value[Scheme.Length..].TrimStart(' '), out caller);
    }
}
