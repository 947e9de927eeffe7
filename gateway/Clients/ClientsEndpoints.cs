using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Grid.Clients;
using Grid.Gateway.Access;
using Grid.Gateway.Errors;
using Grid.Gateway.Http;
using Grid.Gateway.Sessions;
using Grid.Gateway.Tokens;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Grid.Gateway.Clients;

/// <summary>What a client may be: its role, and its subject when that is not its id.</summary>
public sealed record ClientRequest(string? Role, string? Subject);

/// <summary>A registered client. The secret is shown this once.</summary>
public sealed record ClientAnswer(string ClientId, string Role, string Subject, string ClientSecret)
{
    /// <summary>Does not say the secret.</summary>
    public override string ToString() => nameof(ClientAnswer);
}

/// <summary>A client's credentials.</summary>
public sealed record ClientTokenRequest(string? ClientId, string? ClientSecret)
{
    /// <summary>Does not say the secret.</summary>
    public override string ToString() => nameof(ClientTokenRequest);
}

/// <summary>Machines that call: registered by an admin, signed in by a secret.</summary>
internal static class ClientsEndpoints
{
    private const int SecretBytes = 32;
    private const int SecretLengthMax = 128;
    private static readonly TimeSpan TokenLife = TimeSpan.FromHours(12);

    internal static void MapClients(this IEndpointRouteBuilder routes)
    {
        routes.MapPut("/v1/clients/{clientId}", Put).Allow(Roles.Admin).WithTags("Clients")
            .WithSummary("Register a client, or give it a new secret and new rights. The secret is shown once.");
        routes.MapPost("/v1/tokens", SignIn).AllowEveryone().WithTags("Clients")
            .WithSummary("A token for a registered client.");
    }

    internal static async Task<Results<Ok<ClientAnswer>, Refusal>> Put(
        string clientId, ClientRequest request, CheckedCaller caller, IGrainFactory grains, HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        Fields.Id(clientId, "clientId");
        if (string.IsNullOrEmpty(request.Role))
            throw Fields.Missing("role");
        if (!RoleNames.TryParse(request.Role, out var role) || role == Role.Resident)
            return new Refusal(ErrorCodes.RoleUnknown, "A client is a device, sampler, lab, clinic, operator, admin or auditor.");
        var subject = string.IsNullOrEmpty(request.Subject) ? clientId : request.Subject;
        if (!AccessTokens.IsSubject(role, subject))
            throw Fields.Invalid("subject", $"has 1 to {Caller.SubjectLengthMax} visible ASCII characters");
        var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        var identity = new ClientIdentity(RoleNames.Of(role), subject);
        var registration = new ClientRegistration(Digest(secret), identity);
        await grains.GetGrain<IClientGrain>(clientId).Put(registration, caller.Subject);
        return TypedResults.Ok(new ClientAnswer(clientId, identity.Role, subject, secret));
    }

    internal static async Task<Results<Ok<TokenAnswer>, Refusal>> SignIn(
        ClientTokenRequest request, IGrainFactory grains, AccessTokens tokens, HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        if (string.IsNullOrEmpty(request.ClientId))
            throw Fields.Missing("clientId");
        if (string.IsNullOrEmpty(request.ClientSecret))
            throw Fields.Missing("clientSecret");
        if (!Fields.IsId(request.ClientId) || request.ClientSecret.Length > SecretLengthMax)
            return new Refusal(ErrorCodes.ClientRefused);
        var identity = await grains.GetGrain<IClientGrain>(request.ClientId).SignIn(Digest(request.ClientSecret));
        if (identity is null || !RoleNames.TryParse(identity.Role, out var role))
            return new Refusal(ErrorCodes.ClientRefused);
        var (token, expiresAt) = tokens.Mint(role, identity.Subject, TokenLife);
        return TypedResults.Ok(new TokenAnswer(token, expiresAt));
    }

    private static byte[] Digest(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
