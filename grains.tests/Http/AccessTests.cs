using System.Net;
using System.Text;
using Grid.Gateway.Access;
using Grid.Gateway.Hosting;
using Grid.Gateway.Tokens;
using Grid.Tests.Fixtures;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Grid.Tests.Http;

public sealed class AccessTests(GridHost grid) : IClassFixture<GridHost>
{
    private const string Everyone = "everyone";
    private const string NoToken = "none";

    // A second copy of the table in the contract: a route that is missing here fails the test.
    private static readonly Dictionary<string, string> Rights = new()
    {
        ["POST /v1/residents"] = "operator",
        ["PATCH /v1/residents/{residentId:guid}"] = "operator",
        ["POST /v1/registrations"] = Everyone,
        ["POST /v1/registrations/{registrationId:guid}/confirm"] = Everyone,
        ["POST /v1/me/phone"] = "resident",
        ["POST /v1/me/phone/confirm"] = "resident",
        ["POST /v1/residents/import"] = "operator",
        ["GET /v1/residents/import/{importId:guid}"] = "operator",
        ["POST /v1/sessions/challenge"] = Everyone,
        ["POST /v1/sessions"] = Everyone,
        ["POST /v1/tokens"] = Everyone,
        ["PUT /v1/clients/{clientId}"] = "admin",
        ["DELETE /v1/clients/{clientId}"] = "admin",
        ["POST /v1/tokens/revoke"] = "admin",
        ["GET /v1/me/code"] = "resident",
        ["GET /v1/me/history"] = "resident",
        ["PUT /v1/venues/{venueId}"] = "admin",
        ["POST /v1/scans"] = "device",
        ["POST /v1/scans/batch"] = "device",
        ["POST /v1/check-ins"] = "resident",
        ["POST /v1/tubes"] = "sampler",
        ["POST /v1/tubes/{tubeId}/samples"] = "sampler",
        ["DELETE /v1/tubes/{tubeId}/samples/{residentId:guid}"] = "sampler",
        ["POST /v1/tubes/{tubeId}/seal"] = "sampler",
        ["GET /v1/tubes/{tubeId}"] = "sampler lab",
        ["POST /v1/tubes/import"] = "sampler",
        ["GET /v1/tubes/import/{importId:guid}"] = "sampler",
        ["POST /v1/results"] = "lab",
        ["GET /v1/conflicts"] = "operator",
        ["POST /v1/conflicts/{conflictId}/resolve"] = "operator",
        ["POST /v1/vaccinations"] = "clinic",
        ["GET /livez"] = Everyone,
        ["GET /readyz"] = Everyone,
        ["GET /metrics"] = Everyone,
        ["GET /openapi/v1.json"] = Everyone,
        ["GET /"] = Everyone,
        ["GET /fields.js"] = Everyone,
        ["GET /page.css"] = Everyone,
        ["GET /page.js"] = Everyone,
        ["GET /qr.js"] = Everyone,
    };

    [Fact]
    public void Every_route_is_in_the_table_and_states_its_rule()
    {
        Assert.Equal(
            Rights.Keys.Order(),
            Routes()
                .Select(route => route.Name)
                .Where(name => !name.StartsWith("HEAD", StringComparison.Ordinal))
                .Order()
        );
        Assert.All(Routes(), route => Assert.NotNull(route.Endpoint.Metadata.GetMetadata<AccessRule>()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_route_without_exactly_one_access_rule_stops_the_start(int rules)
    {
        var folder = Directory.CreateTempSubdirectory("grid-access-");
        await using (var app = GatewayHost.Build(["--urls", "http://127.0.0.1:0", "--Grid:Data", folder.FullName]))
        {
            var route = app.MapGet("/v1/forgotten", () => "secret");
            if (rules == 2)
                route.Allow(Roles.Admin).AllowEveryone();

            var stopped = await Assert.ThrowsAsync<InvalidOperationException>(() => app.StartAsync());
            Assert.Contains("/v1/forgotten", stopped.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("/v1/me/code", stopped.Message, StringComparison.Ordinal);
        }
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Each_role_gets_exactly_its_rights()
    {
        foreach (var (name, _) in Routes())
        {
            if (!Rights.TryGetValue(name, out var rights) || rights == Everyone)
                continue;
            var allowed = rights.Split(' ');
            await CheckAsync(name, NoToken, null, allowed);
            foreach (var role in Enum.GetValues<Role>())
            {
                var subject = role == Role.Resident ? Guid.NewGuid().ToString() : "subject-1";
                await CheckAsync(name, role.ToString().ToLowerInvariant(), grid.Token(role, subject), allowed);
            }
        }
    }

    [Fact]
    public async Task An_open_route_ignores_the_token()
    {
        foreach (var (name, _) in Routes().Where(route => Rights.GetValueOrDefault(route.Name) == Everyone))
        {
            var answer = await SendAsync(name, "not-a-token");
            Assert.True(
                answer.Status is not (HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized)
                    || answer.Code is "sign-in-refused" or "client-refused",
                name
            );
        }
    }

    [Theory]
    [InlineData("/v1/me/code")]
    [InlineData("/v1/me/code/")]
    [InlineData("/v1/me/history")]
    public async Task A_missing_invalid_or_expired_token_is_refused(string path)
    {
        var resident = (await grid.RegisterAsync()).Id.ToString();
        var good = grid.Token(Role.Resident, resident);
        var expired = grid.Token(Role.Resident, resident, TimeSpan.FromSeconds(1));

        (await grid.CallAsync(HttpMethod.Get, path, null)).Refused(401, "token-missing");
        (await grid.CallAsync(HttpMethod.Get, path, good[..^1])).Refused(401, "token-invalid");
        (await grid.CallAsync(HttpMethod.Get, path, "x")).Refused(401, "token-invalid");
        (await grid.SendAsync(HttpMethod.Get, path, null, null, ("Authorization", "Basic YTpi"))).Refused(
            401,
            "token-missing"
        );
        (await grid.SendAsync(HttpMethod.Get, path, null, null, ("Authorization", "bearer " + good[..^1]))).Refused(
            401,
            "token-invalid"
        );
        (await grid.SendAsync(HttpMethod.Get, path, null, null, ("Authorization", "Bearer"))).Refused(
            401,
            "token-missing"
        );
        var blanks = await grid.SendAsync(HttpMethod.Get, path, null, null, ("Authorization", "Bearer  " + good));
        Assert.Equal(HttpStatusCode.OK, blanks.Status);
        Assert.Equal("Bearer", (await grid.CallAsync(HttpMethod.Get, path, null)).Headers.WwwAuthenticate.ToString());
        Assert.Equal(
            "Bearer error=\"invalid_token\"",
            (await grid.CallAsync(HttpMethod.Get, path, "x")).Headers.WwwAuthenticate.ToString()
        );
        await Waiting.UntilAsync(
            async () => (await grid.CallAsync(HttpMethod.Get, path, expired)).Status == HttpStatusCode.Unauthorized,
            "a token of one second expires"
        );
        (await grid.CallAsync(HttpMethod.Get, path, expired)).Refused(401, "token-expired");
    }

    [Fact]
    public async Task A_displayed_code_and_a_login_token_are_not_interchangeable()
    {
        var resident = await grid.RegisterAsync();
        var code = await grid.CodeAsync(resident);
        (await grid.CallAsync(HttpMethod.Get, "/v1/me/code", code)).Refused(401, "token-invalid");

        var venueId = await grid.VenueAsync(new { });
        var scan = await grid.Client.ScanAsync(venueId, Guid.NewGuid().ToString(), resident.Token);
        Assert.Equal(["token-invalid"], scan.Value.Reasons);
    }

    private async Task CheckAsync(string name, string caller, string? token, string[] allowed)
    {
        var answer = await SendAsync(name, token);
        if (allowed.Contains(caller))
            Assert.True(
                answer.Status is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden),
                $"{caller} is kept from {name}"
            );
        else if (token is null)
            answer.Refused(401, "token-missing");
        else
            answer.Refused(403, "role-forbidden");
    }

    private Task<Answer> SendAsync(string name, string? token)
    {
        var (method, path) = (name[..name.IndexOf(' ')], name[(name.IndexOf(' ') + 1)..]);
        path = System
            .Text.RegularExpressions.Regex.Replace(path, @"\{\w+:guid\}", $"{Guid.NewGuid()}")
            .Replace("{documentName}", "v1");
        path = System.Text.RegularExpressions.Regex.Replace(path, @"\{\w+\}", "some-id");
        var body = method is "GET" ? null : new StringContent("{}", Encoding.UTF8, "application/json");
        return grid.SendAsync(new HttpMethod(method), path, token, body);
    }

    private IEnumerable<(string Name, RouteEndpoint Endpoint)> Routes() =>
        from endpoint in grid.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]
        let pattern = endpoint.RoutePattern.RawText!
        select ($"{method} {(pattern.Length > 1 ? pattern.TrimEnd('/') : pattern)}", endpoint);
}
