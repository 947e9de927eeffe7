using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Grid.Gateway.Tokens;
using Grid.Keys;

namespace Grid.Tests.Fixtures;

/// <summary>One API call of the contract. Each send makes a new request, so it can be repeated.</summary>
/// <typeparam name="T">The body of the response.</typeparam>
/// <param name="FirstTime">The expected status of the first send.</param>
/// <param name="Repeat">The expected status of a repeat.</param>
internal sealed record GridCall<T>(
    HttpMethod Method,
    string Path,
    string? Token,
    object? Body = null,
    HttpStatusCode FirstTime = HttpStatusCode.OK,
    HttpStatusCode Repeat = HttpStatusCode.OK
)
{
    /// <summary>The expected statuses of a call that may be a repeat.</summary>
    internal HttpStatusCode[] Answered => [FirstTime, Repeat];

    internal HttpRequestMessage Request()
    {
        var request = new HttpRequestMessage(Method, Path);
        if (Body is not null)
            request.Content = JsonContent.Create(Body, Body.GetType(), options: JsonSerializerOptions.Web);
        if (Token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        return request;
    }
}

/// <summary>Caches one token for each role and subject.</summary>
internal sealed class GridTokens(AccessTokens minter)
{
    private static readonly TimeSpan Life = TimeSpan.FromHours(12);

    private readonly System.Collections.Concurrent.ConcurrentDictionary<(Role, string), string> _tokens = new();

    /// <summary>Tokens under the keys of a data folder, for a gateway in another process.</summary>
    internal static GridTokens OfFolder(string data) =>
        new(new AccessTokens(KeyRing.Open(data, TimeProvider.System), TimeProvider.System));

    internal string Of(Role role, string subject) =>
        _tokens.GetOrAdd((role, subject), key => minter.Mint(key.Item1, key.Item2, Life).Token);

    internal string OfResident(Guid resident) => Of(Role.Resident, resident.ToString());
}

/// <summary>
/// Builds the API calls of phones, doors, samplers, laboratories, clinics and staff. All test suites use these calls,
/// with or without retries.
/// </summary>
internal sealed class GridCalls(GridTokens tokens)
{
    internal const string Staff = "hotline/anna";
    internal const string Admin = "admin-1";
    internal const string Site = "site-1";
    internal const string Laboratory = "lab-1";
    internal const string Clinic = "clinic-1";

    /// <summary>A door policy that admits every green code.</summary>
    internal static object OpenPolicy => new { minDoses = 0, admitColours = new[] { "green" } };

    internal GridCall<RegisteredReply> Register(object person, string staff = Staff) =>
        new(HttpMethod.Post, "/v1/residents", Token(Role.Operator, staff), person, HttpStatusCode.Created);

    internal GridCall<ChangedReply> Change(Guid resident, object changes, string staff = Staff) =>
        new(HttpMethod.Patch, $"/v1/residents/{resident}", Token(Role.Operator, staff), changes);

    internal static GridCall<RegistrationReply> BeginRegistration(object person) =>
        new(HttpMethod.Post, "/v1/registrations", null, person, HttpStatusCode.Accepted);

    internal static GridCall<ConfirmedReply> ConfirmRegistration(Guid registration, string otp) =>
        new(HttpMethod.Post, $"/v1/registrations/{registration}/confirm", null, new { otp }, HttpStatusCode.Created);

    internal static GridCall<ChallengeReply> Challenge(string idNumber, string phone) =>
        new(HttpMethod.Post, "/v1/sessions/challenge", null, new { idNumber, phone }, HttpStatusCode.Accepted);

    internal static GridCall<TokenReply> SignIn(string challengeId, string otp) =>
        new(HttpMethod.Post, "/v1/sessions", null, new { challengeId, otp });

    internal GridCall<ClientReply> PutClient(string clientId, object rights, string admin = Admin) =>
        new(HttpMethod.Put, $"/v1/clients/{clientId}", Token(Role.Admin, admin), rights);

    internal GridCall<ClientReply> DeleteClient(string clientId, string admin = Admin) =>
        new(
            HttpMethod.Delete,
            $"/v1/clients/{clientId}",
            Token(Role.Admin, admin),
            FirstTime: HttpStatusCode.NoContent
        );

    internal static GridCall<TokenReply> ClientToken(string clientId, string clientSecret) =>
        new(HttpMethod.Post, "/v1/tokens", null, new { clientId, clientSecret });

    internal static GridCall<DisplayReply> Display(string token) => new(HttpMethod.Get, "/v1/me/code", token);

    internal GridCall<DisplayReply> Display(Guid resident) => Display(tokens.OfResident(resident));

    internal static GridCall<HistoryReply> History(string token) => new(HttpMethod.Get, "/v1/me/history", token);

    internal GridCall<object> PutVenue(string venueId, object policy) =>
        new(
            HttpMethod.Put,
            $"/v1/venues/{venueId}",
            Token(Role.Admin, Admin),
            new
            {
                name = "钟楼",
                district = "610102",
                policy,
            }
        );

    internal GridCall<ScanReply> Scan(string venueId, string scanId, string token) =>
        new(
            HttpMethod.Post,
            "/v1/scans",
            Token(Role.Device, $"{venueId}/door-1"),
            new
            {
                scanId,
                venueId,
                token,
            }
        );

    internal GridCall<ScanEntryReply[]> ScanBatch(string venueId, object scans) =>
        new(HttpMethod.Post, "/v1/scans/batch", Token(Role.Device, $"{venueId}/door-1"), scans);

    internal static GridCall<ScanReply> CheckIn(string token, string checkInId, string venueCode) =>
        new(HttpMethod.Post, "/v1/check-ins", token, new { checkInId, venueCode });

    internal GridCall<OpenedReply> OpenTube(
        string tubeId,
        int capacity,
        string siteId = Site,
        string? sampler = null
    ) =>
        new(
            HttpMethod.Post,
            "/v1/tubes",
            Token(Role.Sampler, sampler ?? siteId),
            new
            {
                tubeId,
                capacity,
                siteId,
            },
            HttpStatusCode.Created
        );

    /// <param name="sample">The resident (a token, resident id or identity number) and the collection time.</param>
    internal GridCall<CountReply> AddSample(string tubeId, object sample, string sampler = Site) =>
        new(
            HttpMethod.Post,
            $"/v1/tubes/{tubeId}/samples",
            Token(Role.Sampler, sampler),
            sample,
            // Without an Idempotency-Key a repeat is "already-in-tube".
            Repeat: HttpStatusCode.Conflict
        );

    internal GridCall<CountReply> AddSample(string tubeId, Guid residentId, DateTimeOffset collectedAt) =>
        AddSample(tubeId, new { residentId, collectedAt });

    internal GridCall<CountReply> WithdrawSample(string tubeId, Guid resident, string? reason, string sampler = Site) =>
        new(
            HttpMethod.Delete,
            $"/v1/tubes/{tubeId}/samples/{resident}{(reason is null ? "" : $"?reason={Uri.EscapeDataString(reason)}")}",
            Token(Role.Sampler, sampler)
        );

    internal GridCall<CountReply> Seal(string tubeId, string sampler = Site) =>
        new(HttpMethod.Post, $"/v1/tubes/{tubeId}/seal", Token(Role.Sampler, sampler));

    internal GridCall<TubeReply> Tube(string tubeId) =>
        new(HttpMethod.Get, $"/v1/tubes/{tubeId}", Token(Role.Lab, Laboratory));

    internal GridCall<ReceiptReply> Result(
        string tubeId,
        int sequence,
        string result,
        DateTimeOffset testedAt,
        string laboratory = Laboratory,
        int? correctionOf = null
    ) =>
        new(
            HttpMethod.Post,
            "/v1/results",
            Token(Role.Lab, laboratory),
            new
            {
                tubeId,
                sequence,
                method = "rt-pcr",
                result,
                testedAt,
                correctionOf,
            },
            HttpStatusCode.Accepted
        );

    internal GridCall<ConflictsReply> Conflicts(string staff = Staff) =>
        new(HttpMethod.Get, "/v1/conflicts", Token(Role.Operator, staff));

    internal GridCall<ConflictReply> Resolve(string conflictId, string keep, string reason, string staff = Staff) =>
        new(HttpMethod.Post, $"/v1/conflicts/{conflictId}/resolve", Token(Role.Operator, staff), new { keep, reason });

    internal GridCall<object> Vaccinate(object dose, string clinic = Clinic) =>
        new(HttpMethod.Post, "/v1/vaccinations", Token(Role.Clinic, clinic), dose, HttpStatusCode.Created);

    private string Token(Role role, string subject) => tokens.Of(role, subject);
}
