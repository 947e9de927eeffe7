using System.Net;
using System.Net.Http.Json;
using Grid.Gateway.Tokens;
using Grid.Keys;
using Grid.Tests.Crash;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Telemetry;

/// <summary>The traces of attacks in metrics and logs.</summary>
public sealed class SecurityEventTests
{
    private const string Number = "11010519491231002X";

    [Fact]
    public async Task Each_kind_is_counted_and_logged_without_a_person()
    {
        using var folder = new TemporaryFolder();
        using var other = new TemporaryFolder();
        var forged = new AccessTokens(KeyRing.Open(other.Path, TimeProvider.System), TimeProvider.System)
            .Mint(Role.Admin, "admin-of-nowhere", TimeSpan.FromHours(1))
            .Token;
        using var gateway = await GridProcess.Start(folder.Path);
        for (var attempt = 0; attempt < 3; attempt++)
            Assert.Equal(HttpStatusCode.Unauthorized, await PutVenueAsync(gateway, forged));
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            await PostAsync(gateway, "/v1/sessions", new { challengeId = "made-up", otp = "123456" })
        );
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            await PostAsync(gateway, "/v1/tokens", new { clientId = "nobody", clientSecret = "made-up" })
        );
        for (var attempt = 0; attempt < 11; attempt++)
            await PostAsync(gateway, "/v1/sessions/challenge", new { idNumber = Number, phone = "13912345678" });

        var metrics = await gateway.Http.GetStringAsync("/metrics");
        foreach (
            var (name, count) in new[]
            {
                ("token-invalid", 3),
                ("sign-in-refused", 1),
                ("client-refused", 1),
                ("phone-limited", 1),
            }
        )
            Assert.Matches($"(?m)^grid_security_events_total\\{{event=\"{name}\"\\}} {count}$", metrics);
        await gateway.StopAsync();
        var lines = gateway.Said.Where(line => line.Contains("Security event ", StringComparison.Ordinal)).ToArray();
        foreach (var name in new[] { "token-invalid", "sign-in-refused", "client-refused", "phone-limited" })
            Assert.Single(lines, line => line.Contains($"Security event {name}: 1", StringComparison.Ordinal));
        Assert.All(lines, line => Assert.DoesNotMatch("admin-of-nowhere|nobody|made-up|13912345678|" + Number, line));
    }

    private static async Task<HttpStatusCode> PutVenueAsync(GridProcess gateway, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/v1/venues/v-1")
        {
            Content = JsonContent.Create(new { name = "v" }),
        };
        request.Headers.Authorization = new("Bearer", token);
        using var answer = await gateway.Http.SendAsync(request);
        return answer.StatusCode;
    }

    private static async Task<HttpStatusCode> PostAsync(GridProcess gateway, string path, object body)
    {
        using var answer = await gateway.Http.PostAsJsonAsync(path, body);
        return answer.StatusCode;
    }
}
