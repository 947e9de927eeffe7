using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Grid.Clients;
using Grid.Gateway.Access;
using Grid.Gateway.Errors;
using Grid.Gateway.Requests;
using Grid.Gateway.Security;
using Grid.Gateway.Sessions;
using Grid.Gateway.Tokens;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Grid.Gateway.Clients;

/// <summary>A client's role, and its subject when that is not its id.</summary>
public sealed record ClientRequest(string? Role, string? Subject);

/// <summary>A registered client. Only this answer contains the secret.</summary>
public sealed record ClientAnswer(string ClientId, string Role, string Subject, string ClientSecret)
{
    /// <summary>Hides the secret from logs.</summary>
    public override string ToString() => nameof(ClientAnswer);
}

/// <summary>A client's credentials.</summary>
public sealed record ClientTokenRequest(string? ClientId, string? ClientSecret)
{
    /// <summary>Hides the secret from logs.</summary>
    public override string ToString() => nameof(ClientTokenRequest);
}

/// <summary>The role and subject whose tokens to revoke.</summary>
public sealed record RevokeRequest(string? Role, string? Subject);

/// <summary>Client machines: registered by an admin, signed in by a secret.</summary>
internal static class ClientsEndpoints
{
    private static readonly string SubjectRule =
        $"must have 1 to {Caller.MaxSubjectLength} visible ASCII characters and no empty part beside a slash";

    private const int SecretBytes = 32;
    private const int MaxSecretLength = 128;
    private static readonly TimeSpan TokenLife = TimeSpan.FromHours(12);

    internal static void MapClients(this IEndpointRouteBuilder routes)
    {
        routes
            .MapPut("/v1/clients/{clientId}", PutAsync)
            .Allow(Roles.Admin)
            .WithTags("Clients")
            .WithSummary("Register a client, or replace its secret and rights. The secret is shown once.");
        routes
            .MapDelete("/v1/clients/{clientId}", DeleteAsync)
            .Allow(Roles.Admin)
            .WithTags("Clients")
            .WithSummary("Remove a client and revoke all tokens of its role and subject.");
        routes
            .MapPost("/v1/tokens/revoke", RevokeAsync)
            .Allow(Roles.Admin)
            .WithTags("Clients")
            .WithSummary("Revoke all tokens of a role and subject; new tokens remain possible.");
        routes
            .MapPost("/v1/tokens", SignInAsync)
            .AllowEveryone()
            .LimitSignIn()
            .WithTags("Clients")
            .WithSummary("Get a token for a registered client.");
    }

    internal static async Task<Results<Ok<ClientAnswer>, Refusal>> PutAsync(
        string clientId,
        ClientRequest request,
        CheckedCaller caller,
        IGrainFactory grains,
        RevocationFeed revocations,
        HttpResponse response
    )
    {
        response.Headers.CacheControl = "no-store";
        Fields.Id(clientId, "clientId");
        if (string.IsNullOrEmpty(request.Role))
            throw Fields.Missing("role");
        if (!RoleNames.TryParse(request.Role, out var role) || role == Role.Resident)
            return new Refusal(
                ErrorCodes.RoleUnknown,
                "A client must be a device, sampler, lab, clinic, operator, admin or auditor."
            );
        var subject = string.IsNullOrEmpty(request.Subject) ? clientId : request.Subject;
        if (!AccessTokens.IsSubject(role, subject))
            throw Fields.Invalid("subject", SubjectRule);
        var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        var identity = new ClientIdentity(RoleNames.Of(role), subject);
        var registration = new ClientRegistration(Digest(secret), identity);
        var former = await grains.GetGrain<IClientGrain>(clientId).Put(registration, caller.Subject);
        // A client that loses its former role or subject must lose those tokens too.
        if (former is not null && former != identity && !await RevokeIdentityAsync(revocations, former, caller))
            return new Refusal(ErrorCodes.RevocationsTooMany);
        return TypedResults.Ok(new ClientAnswer(clientId, identity.Role, subject, secret));
    }

    internal static async Task<Results<NoContent, Refusal>> DeleteAsync(
        string clientId,
        CheckedCaller caller,
        IGrainFactory grains,
        RevocationFeed revocations
    )
    {
        Fields.Id(clientId, "clientId");
        if (await grains.GetGrain<IClientGrain>(clientId).Remove(caller.Subject) is not { } identity)
            return new Refusal(ErrorCodes.ClientUnknown);
        return await RevokeIdentityAsync(revocations, identity, caller)
            ? TypedResults.NoContent()
            : new Refusal(ErrorCodes.RevocationsTooMany);
    }

    internal static async Task<Results<NoContent, Refusal>> RevokeAsync(
        RevokeRequest request,
        CheckedCaller caller,
        RevocationFeed revocations
    )
    {
        if (string.IsNullOrEmpty(request.Role))
            throw Fields.Missing("role");
        if (string.IsNullOrEmpty(request.Subject))
            throw Fields.Missing("subject");
        if (!RoleNames.TryParse(request.Role, out var role))
            return new Refusal(ErrorCodes.RoleUnknown);
        if (!AccessTokens.IsSubject(role, request.Subject))
            throw Fields.Invalid("subject", role == Role.Resident ? "must be the resident id" : SubjectRule);
        return await revocations.RevokeAsync(role, request.Subject, caller.Subject)
            ? TypedResults.NoContent()
            : new Refusal(ErrorCodes.RevocationsTooMany);
    }

    internal static async Task<Results<Ok<TokenAnswer>, Refusal>> SignInAsync(
        ClientTokenRequest request,
        HttpContext context,
        IGrainFactory grains,
        AccessTokens tokens,
        SignInLimits limits,
        SecurityEvents events
    )
    {
        context.Response.Headers.CacheControl = "no-store";
        if (string.IsNullOrEmpty(request.ClientId))
            throw Fields.Missing("clientId");
        if (string.IsNullOrEmpty(request.ClientSecret))
            throw Fields.Missing("clientSecret");
        if (!Fields.IsId(request.ClientId) || request.ClientSecret.Length > MaxSecretLength)
            return Refused();
        limits.CheckGuess(context);
        var identity = await grains.GetGrain<IClientGrain>(request.ClientId).SignIn(Digest(request.ClientSecret));
        if (identity is null || !RoleNames.TryParse(identity.Role, out var role))
            return Refused();
        var (token, expiresAt) = tokens.Mint(role, identity.Subject, TokenLife);
        return TypedResults.Ok(new TokenAnswer(token, expiresAt));

        Refusal Refused()
        {
            events.Count(SecurityEvent.ClientRefused);
            limits.CountRefusal(context);
            return new Refusal(ErrorCodes.ClientRefused);
        }
    }

    private static async Task<bool> RevokeIdentityAsync(
        RevocationFeed revocations,
        ClientIdentity identity,
        CheckedCaller caller
    ) =>
        !RoleNames.TryParse(identity.Role, out var role)
        || await revocations.RevokeAsync(role, identity.Subject, caller.Subject);

    private static byte[] Digest(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
