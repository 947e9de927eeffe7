namespace Grid.Tests.Fixtures;

/// <summary>A typed client of a gateway. It sends each call once, without retries.</summary>
internal sealed class GridClient(HttpClient http, GridCalls calls)
{
    internal Task<Answer<RegisteredReply>> RegisterAsync(Person person) =>
        SendAsync(calls.Register(person.Registration()));

    internal Task<Answer<RegisteredReply>> RegisterAsync(object person) => SendAsync(calls.Register(person));

    internal Task<Answer<ChangedReply>> ChangeAsync(Guid resident, object changes) =>
        SendAsync(calls.Change(resident, changes));

    internal Task<Answer<RegistrationReply>> BeginRegistrationAsync(Person person) =>
        SendAsync(GridCalls.BeginRegistration(person.Registration()));

    internal Task<Answer<ConfirmedReply>> ConfirmRegistrationAsync(Guid registration, string otp) =>
        SendAsync(GridCalls.ConfirmRegistration(registration, otp));

    internal Task<Answer<ChallengeReply>> ChallengeAsync(Person person) =>
        SendAsync(GridCalls.Challenge(person.IdNumber, person.Phone));

    internal Task<Answer<TokenReply>> SignInAsync(string challengeId, string otp) =>
        SendAsync(GridCalls.SignIn(challengeId, otp));

    internal Task<Answer<ClientReply>> PutClientAsync(string clientId, object rights, string admin = GridCalls.Admin) =>
        SendAsync(calls.PutClient(clientId, rights, admin));

    internal Task<Answer<ClientReply>> DeleteClientAsync(string clientId, string admin = GridCalls.Admin) =>
        SendAsync(calls.DeleteClient(clientId, admin));

    internal Task<Answer<TokenReply>> ClientTokenAsync(string clientId, string secret) =>
        SendAsync(GridCalls.ClientToken(clientId, secret));

    internal Task<Answer<DisplayReply>> DisplayAsync(string token) => SendAsync(GridCalls.Display(token));

    internal Task<Answer<HistoryReply>> HistoryAsync(string token) => SendAsync(GridCalls.History(token));

    internal Task<Answer<object>> PutVenueAsync(string venueId, object policy) =>
        SendAsync(calls.PutVenue(venueId, policy));

    internal Task<Answer<ScanReply>> ScanAsync(string venueId, string scanId, string token) =>
        SendAsync(calls.Scan(venueId, scanId, token));

    internal Task<Answer<ScanEntryReply[]>> ScanBatchAsync(string venueId, object scans) =>
        SendAsync(calls.ScanBatch(venueId, scans));

    internal Task<Answer<ScanReply>> CheckInAsync(string token, string checkInId, string venueCode) =>
        SendAsync(GridCalls.CheckIn(token, checkInId, venueCode));

    internal Task<Answer<OpenedReply>> OpenTubeAsync(
        string tubeId,
        int capacity,
        string siteId = GridCalls.Site,
        string? sampler = null
    ) => SendAsync(calls.OpenTube(tubeId, capacity, siteId, sampler));

    internal Task<Answer<CountReply>> AddSampleAsync(string tubeId, object sample, string sampler = GridCalls.Site) =>
        SendAsync(calls.AddSample(tubeId, sample, sampler));

    internal Task<Answer<CountReply>> AddSampleAsync(string tubeId, Guid resident, DateTimeOffset collectedAt) =>
        SendAsync(calls.AddSample(tubeId, resident, collectedAt));

    internal Task<Answer<CountReply>> WithdrawSampleAsync(
        string tubeId,
        Guid resident,
        string? reason,
        string sampler = GridCalls.Site
    ) => SendAsync(calls.WithdrawSample(tubeId, resident, reason, sampler));

    internal Task<Answer<CountReply>> SealAsync(string tubeId, string sampler = GridCalls.Site) =>
        SendAsync(calls.Seal(tubeId, sampler));

    internal Task<Answer<TubeReply>> TubeAsync(string tubeId) => SendAsync(calls.Tube(tubeId));

    internal Task<Answer<ReceiptReply>> ResultAsync(
        string tubeId,
        int sequence,
        string result,
        DateTimeOffset testedAt,
        string laboratory = GridCalls.Laboratory,
        int? correctionOf = null
    ) => SendAsync(calls.Result(tubeId, sequence, result, testedAt, laboratory, correctionOf));

    internal Task<Answer<ConflictsReply>> ConflictsAsync(string staff = GridCalls.Staff) =>
        SendAsync(calls.Conflicts(staff));

    internal Task<Answer<ConflictReply>> ResolveAsync(
        string conflictId,
        string keep,
        string reason,
        string staff = GridCalls.Staff
    ) => SendAsync(calls.Resolve(conflictId, keep, reason, staff));

    internal Task<Answer<object>> VaccinateAsync(object dose, string clinic = GridCalls.Clinic) =>
        SendAsync(calls.Vaccinate(dose, clinic));

    internal async Task<Answer<T>> SendAsync<T>(GridCall<T> call)
    {
        using var request = call.Request();
        return (await http.AnswerAsync(request)).As<T>();
    }
}
