using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Grid.Gateway.Tokens;
using Grid.Keys;
using Grid.Residents;
using Grid.Tests.Crash;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Telemetry;

/// <summary>
/// Sends a little of everything that people and machines send, well-formed and malformed, through a gateway with full
/// logs, metrics and traces. No secret may appear in any of them.
/// </summary>
public sealed class PrivacyTests
{
    private const int People = 12;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Secrets _secrets = new();
    private Person? _first;

    [Fact]
    public async Task No_log_metric_or_trace_contains_personal_data()
    {
        using var folder = new TemporaryFolder();
        await using var collector = await Collector.StartAsync();
        using var gateway = await GridProcess.Start(
            folder.Path,
            [
                .. collector.Settings,
                "--Logging:LogLevel:Default=Trace",
                "--Logging:LogLevel:Microsoft.AspNetCore=Trace",
                "--Logging:Console:LogLevel:Default=Trace",
                "--Grid:Telemetry:TraceRatio=1",
                "--Grid:Telemetry:HotTraceRatio=1",
                "--Grid:Gateway:SignInAnswerAfter=00:00:00",
            ]
        );
        var tokens = new AccessTokens(KeyRing.Open(folder.Path, TimeProvider.System), TimeProvider.System);

        await LoadAsync(gateway, tokens, folder.Path);
        var metrics =
            await MetricsAsync(gateway, "text/plain") + await MetricsAsync(gateway, "application/openmetrics-text");
        Assert.Equal(0, await gateway.StopAsync());

        var sent = Encoding.UTF8.GetString(collector.Sent);
        var log = gateway.Said;
        // Each of the three must contain a lot, or finding nothing would prove nothing.
        Assert.All(log, line => Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(line).RootElement.ValueKind));
        Assert.Contains(log, line => line.Contains("\"LogLevel\":\"Debug\"", StringComparison.Ordinal));
        Assert.Contains("grid_requests_total", metrics, StringComparison.Ordinal);
        foreach (
            var said in new[] { "grid.requests", "POST /v1/scans", "GET /v1/me/code", "POST /v1/sessions/challenge" }
        )
            Assert.Contains(said, sent, StringComparison.Ordinal);
        Assert.True(_secrets.Count > People * 20, $"only {_secrets.Count} secrets are known");
        Assert.Equal(["id number"], _secrets.FindIn($"the number {_first!.IdNumber} was refused"));
        Assert.Equal(["name, escaped"], _secrets.FindIn(JsonSerializer.Serialize(_first.Name)));

        Assert.Equal([], _secrets.FindIn(string.Join('\n', log)));
        Assert.Equal([], _secrets.FindIn(Unescaped(log)));
        Assert.Equal([], _secrets.FindIn(metrics));
        Assert.Equal([], _secrets.FindIn(sent));
    }

    private async Task LoadAsync(GridProcess gateway, AccessTokens tokens, string folder)
    {
        string Token(Role role, string subject)
        {
            var token = tokens.Mint(role, subject, TimeSpan.FromHours(1)).Token;
            _secrets.AddToken($"{role} token", token);
            return token;
        }

        var device = Token(Role.Device, "venue-1");
        var (admin, staff) = (Token(Role.Admin, "admin-1"), Token(Role.Operator, "hotline/anna"));
        var (sampler, lab, clinic) = (
            Token(Role.Sampler, "site-1"),
            Token(Role.Lab, "lab-1"),
            Token(Role.Clinic, "clinic-1")
        );
        await SendAsync(
            gateway,
            HttpMethod.Put,
            "/v1/venues/venue-1",
            admin,
            new
            {
                name = "V",
                district = "610102",
                policy = new { minDoses = 0 },
            }
        );
        await ClientAsync(gateway, admin);
        await SendAsync(
            gateway,
            HttpMethod.Post,
            "/v1/tubes",
            sampler,
            new
            {
                tubeId = "tube-1",
                capacity = 20,
                siteId = "site-1",
            }
        );
        for (var number = 0; number < People; number++)
        {
            var person = NewPerson(number);
            var resident = await RegisterAsync(gateway, person, staff);
            var token =
                number % 3 == 0
                    ? await SignInAsync(gateway, person, resident, folder)
                    : Token(Role.Resident, resident.ToString());
            await DoorAsync(gateway, token, device, number);
            await MedicineAsync(gateway, person, resident, sampler, clinic, number);
            await MistakesAsync(gateway, person, token, device, sampler);
        }
        await SendAsync(
            gateway,
            HttpMethod.Post,
            "/v1/results",
            lab,
            new
            {
                tubeId = "tube-1",
                sequence = 1,
                method = "rt-pcr",
                result = "negative",
                testedAt = TimeProvider.System.GetUtcNow().AddMinutes(-1),
            }
        );
    }

    private async Task ClientAsync(GridProcess gateway, string admin)
    {
        var made = await SendAsync(gateway, HttpMethod.Put, "/v1/clients/client-1", admin, new { role = "lab" });
        var secret = made.As<ClientReply>().Value.ClientSecret;
        _secrets.AddToken("client secret", secret);
        var session = await SendAsync(
            gateway,
            HttpMethod.Post,
            "/v1/tokens",
            null,
            new { clientId = "client-1", clientSecret = secret }
        );
        _secrets.AddToken("client token", session.As<TokenReply>().Value.Token);
        await SendAsync(
            gateway,
            HttpMethod.Post,
            "/v1/tokens",
            null,
            new { clientId = "client-2", clientSecret = secret }
        );
    }

    private static async Task<Guid> RegisterAsync(GridProcess gateway, Person person, string staff)
    {
        var made = await SendAsync(gateway, HttpMethod.Post, "/v1/residents", staff, person);
        await SendAsync(gateway, HttpMethod.Post, "/v1/residents", staff, person);
        await SendAsync(gateway, HttpMethod.Post, "/v1/residents", staff, person with { District = person.Name });
        return made.As<RegisteredReply>().Value.ResidentId;
    }

    private async Task<string> SignInAsync(GridProcess gateway, Person person, Guid resident, string folder)
    {
        var asked = await SendAsync(
            gateway,
            HttpMethod.Post,
            "/v1/sessions/challenge",
            null,
            new { person.IdNumber, person.Phone }
        );
        var challengeId = asked.As<ChallengeReply>().Value.ChallengeId;
        _secrets.AddToken("challenge id", challengeId);
        var otp = await Notifications.CodeForAsync(resident, folder);
        _secrets.AddCode(otp);
        await SendAsync(gateway, HttpMethod.Post, "/v1/sessions", null, new { challengeId, otp = otp[1..] + otp[0] });
        var session = await SendAsync(gateway, HttpMethod.Post, "/v1/sessions", null, new { challengeId, otp });
        var token = session.As<TokenReply>().Value.Token;
        _secrets.AddToken("session token", token);
        return token;
    }

    private async Task DoorAsync(GridProcess gateway, string token, string device, int number)
    {
        var shown = await SendAsync(gateway, HttpMethod.Get, "/v1/me/code", token);
        var code = shown.As<DisplayReply>().Value.Token!;
        _secrets.AddToken("display token", code);
        await SendAsync(
            gateway,
            HttpMethod.Post,
            "/v1/scans",
            device,
            new
            {
                scanId = $"scan-{number}",
                venueId = "venue-1",
                token = code,
            }
        );
        await SendAsync(
            gateway,
            HttpMethod.Post,
            "/v1/scans",
            device,
            new
            {
                scanId = $"scan-{number}",
                venueId = "venue-1",
                token = code[..^4],
            }
        );
        await SendAsync(
            gateway,
            HttpMethod.Post,
            "/v1/scans",
            device,
            new
            {
                scanId = $"scan-x{number}",
                venueId = code,
                token = code,
            }
        );
        await SendAsync(
            gateway,
            HttpMethod.Post,
            "/v1/scans/batch",
            device,
            new[]
            {
                new
                {
                    scanId = $"batch-{number}",
                    venueId = "venue-1",
                    token = code,
                },
            }
        );
        await SendAsync(
            gateway,
            HttpMethod.Post,
            "/v1/check-ins",
            token,
            new { checkInId = $"in-{number}", venueCode = "venue-1" }
        );
    }

    private static async Task MedicineAsync(
        GridProcess gateway,
        Person person,
        Guid resident,
        string sampler,
        string clinic,
        int number
    )
    {
        var at = TimeProvider.System.GetUtcNow().AddMinutes(-20);
        await SendAsync(
            gateway,
            HttpMethod.Post,
            "/v1/tubes/tube-1/samples",
            sampler,
            new { person.IdNumber, collectedAt = at }
        );
        await SendAsync(
            gateway,
            HttpMethod.Post,
            "/v1/tubes/tube-1/samples",
            sampler,
            new { token = person.Name, collectedAt = at }
        );
        await SendAsync(
            gateway,
            HttpMethod.Delete,
            $"/v1/tubes/tube-1/samples/{resident}?reason={Uri.EscapeDataString(person.Name)}",
            sampler
        );
        await SendAsync(
            gateway,
            HttpMethod.Post,
            "/v1/vaccinations",
            clinic,
            new
            {
                recordId = $"dose-{number}",
                person.IdNumber,
                product = "P",
                dose = 1,
                at,
            }
        );
    }

    /// <summary>Puts secrets in the wrong places, where a log is most likely to repeat them.</summary>
    private static async Task MistakesAsync(
        GridProcess gateway,
        Person person,
        string token,
        string device,
        string sampler
    )
    {
        await SendTextAsync(
            gateway,
            "/v1/residents",
            null,
            $$"""{"idNumber":"{{person.IdNumber}}" "name":"{{person.Name}}"}"""
        );
        await SendTextAsync(
            gateway,
            "/v1/residents",
            null,
            $$"""{"idNumber":["{{person.IdNumber}}"],"phone":{"{{person.Phone}}":1} }"""
        );
        await SendTextAsync(
            gateway,
            "/v1/residents/import",
            null,
            $"{person.IdNumber},{person.Name},{person.Phone}\n",
            "text/csv"
        );
        await SendTextAsync(gateway, "/v1/scans", device, $$"""{"scanId":"s","venueId":"venue-1","token":"{{token}}""");
        await SendTextAsync(gateway, $"/v1/scans/{Uri.EscapeDataString(person.IdNumber)}", device, "{}");
        await SendAsync(gateway, HttpMethod.Get, $"/v1/tubes/{person.IdNumber}", sampler);
        await SendAsync(gateway, HttpMethod.Get, $"/v1/me/code?for={person.IdNumber}&token={token}", token);
        await SendAsync(gateway, HttpMethod.Get, $"/v1/{Uri.EscapeDataString(person.Name)}/{person.Phone}", null);
        await SendAsync(gateway, HttpMethod.Get, "/v1/me/code", token + "A");
        await SendAsync(gateway, HttpMethod.Get, "/v1/me/code", $"{token} {person.Phone}");
        await RawAsync(
            gateway,
            $"GET /v1/me/code?{person.IdNumber} HTTP/1.1\r\nHost: x\r\nAuthorization Bearer {token}\r\n\r\n"
        );
        await RawAsync(gateway, $"{token} / HTTP/1.1\r\nHost: x\r\n\r\n");
        await RawAsync(gateway, $"GET /{person.Phone} HTTP/9.9\r\n\r\n");
    }

    private static async Task<Answer> SendAsync(
        GridProcess gateway,
        HttpMethod method,
        string path,
        string? token,
        object? body = null
    ) => Checked(await gateway.Http.CallAsync(method, path, token, body));

    private static async Task SendTextAsync(
        GridProcess gateway,
        string path,
        string? token,
        string body,
        string type = "application/json"
    ) => Checked(await gateway.Http.CallTextAsync(HttpMethod.Post, path, token, body, type));

    private static Answer Checked(Answer answer)
    {
        Assert.NotEqual(HttpStatusCode.InternalServerError, answer.Status);
        return answer;
    }

    private static async Task RawAsync(GridProcess gateway, string request)
    {
        using var client = new TcpClient();
        using var limit = new CancellationTokenSource(Patience);
        await client.ConnectAsync("127.0.0.1", gateway.Http.BaseAddress!.Port, limit.Token);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), limit.Token);
        Assert.NotEqual(0, await stream.ReadAsync(new byte[1024], limit.Token));
    }

    private static async Task<string> MetricsAsync(GridProcess gateway, string type) =>
        (await gateway.Http.CallAsync(HttpMethod.Get, "/metrics", null, null, ("Accept", type))).Text;

    private Person NewPerson(int number)
    {
        var idNumber = IdNumber.Create(610102, new DateOnly(1961, 3, 4).AddDays(number * 37), 700 + number).Reveal();
        // Names that no text contains by chance.
        var name = new string([
            .. Enumerable.Range(0, 3).Select(_ => (char)RandomNumberGenerator.GetInt32(0x5000, 0x9000)),
        ]);
        var person = new Person(
            idNumber,
            name,
            $"1397{number:D2}{RandomNumberGenerator.GetInt32(10_000, 100_000)}",
            "610102"
        );
        _first ??= person;
        _secrets.AddText("id number", person.IdNumber);
        _secrets.AddText("name", person.Name);
        _secrets.AddText("phone", person.Phone);
        return person;
    }

    // Decode JSON escapes, so that an escaped secret is found too.
    private static string Unescaped(string[] log) =>
        string.Join('\n', log.SelectMany(line => Texts(JsonDocument.Parse(line).RootElement)));

    private static IEnumerable<string> Texts(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Object => value
                .EnumerateObject()
                .SelectMany(member => Texts(member.Value).Prepend(member.Name)),
            JsonValueKind.Array => value.EnumerateArray().SelectMany(Texts),
            JsonValueKind.String => [value.GetString()!],
            _ => [value.GetRawText()],
        };

    private sealed record Person(string IdNumber, string Name, string Phone, string District);
}
