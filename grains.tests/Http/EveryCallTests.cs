using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Grid.Gateway.Access;
using Grid.Gateway.Requests;
using Grid.Gateway.Tokens;
using Grid.Tests.Fixtures;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Grid.Tests.Http;

/// <summary>The HTTP rules that hold for every call, tested on every route of the gateway.</summary>
public sealed class EveryCallTests(GridHost grid) : IClassFixture<GridHost>
{
    private const string Json = "application/json";

    public static TheoryData<string> Utf8 =>
        [
            "application/json; charset=utf-8",
            "application/json;charset=UTF-8",
            "application/json; charset=\"utf-8\"",
            "application/json; Charset=\"UTF-8\"",
            "Application/JSON; charset=utf8",
            "application/json; charset=\"ut\\f-8\"",
            "application/json; profile=\"x\"; charset=\"Utf-8\"",
            "application/json; charset=utf-8; profile=x",
        ];

    public static TheoryData<string> NotUtf8 =>
        [
            "application/json; charset=utf-16",
            "application/json; charset=\"iso-8859-1\"",
            "application/json;charset=gb18030",
            "application/json; charset=no-such-charset",
            "application/json; charset=\"\"",
            "application/json; charset=utf-7",
            "application/json; charset=utf-8; charset=latin1",
        ];

    [Fact]
    public async Task HEAD_is_answered_as_GET_without_the_body()
    {
        var calls = await CallsAsync(HttpMethods.Get);
        Assert.Contains(calls, static call => call.Path == "/v1/me/code");
        Assert.Contains(calls, static call => call.Path == "/livez");
        foreach (var (_, path, token) in calls)
        {
            using var get = await SendAsync("GET", path, token);
            using var head = await SendAsync("HEAD", path, token);
            Assert.Equal((path, get.StatusCode), (path, head.StatusCode));
            Assert.Equal((path, get.Content.Headers.ContentType), (path, head.Content.Headers.ContentType));
            Assert.Equal((path, get.Headers.CacheControl), (path, head.Headers.CacheControl));
            Assert.Equal((path, get.Headers.ETag is null), (path, head.Headers.ETag is null));
            Assert.NotEmpty(await get.Content.ReadAsByteArrayAsync());
            Assert.Empty(await head.Content.ReadAsByteArrayAsync());
        }
    }

    [Theory]
    [InlineData("/livez", true)]
    [InlineData("/readyz?verbose", true)]
    [InlineData("/metrics", true)]
    [InlineData("/", true)]
    [InlineData("/openapi/v1.json", true)]
    [InlineData("/v1/me/code", true)]
    [InlineData("/v1/ME/code/", true)]
    [InlineData("/v1/nothing", false)]
    public async Task A_HEAD_response_ends_with_its_headers(string path, bool found)
    {
        var resident = await grid.RegisterAsync();
        var address = grid.Http.BaseAddress!;
        using var client = new TcpClient(address.Host, address.Port);
        await using var stream = client.GetStream();
        var authorization = path.StartsWith("/v1/me", StringComparison.OrdinalIgnoreCase)
            ? $"Authorization: Bearer {resident.Token}\r\n"
            : "";
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"HEAD {path} HTTP/1.1\r\nHost: {address.Authority}\r\n{authorization}Connection: close\r\n\r\n"
            )
        );
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var answer = await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.StartsWith(found ? "HTTP/1.1 200 " : "HTTP/1.1 404 ", answer, StringComparison.Ordinal);
        Assert.Equal(answer.Length - 4, answer.IndexOf("\r\n\r\n", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_answer_sets_nosniff_and_a_cache_policy()
    {
        var calls = await CallsAsync(HttpMethods.Get, HttpMethods.Post, HttpMethods.Put, HttpMethods.Delete);
        foreach (
            var (method, path, token) in calls
                .Append((HttpMethods.Get, "/v1/nothing", null))
                .Append((HttpMethods.Delete, "/livez", null))
        )
        {
            using var answer = await SendAsync(method, path, token, method == HttpMethods.Get ? null : Json);
            Assert.Equal(
                (path, "nosniff"),
                (path, string.Join(", ", answer.Headers.GetValues("X-Content-Type-Options")))
            );
            Assert.Matches("no-cache|no-store|immutable", $"{answer.Headers.CacheControl}");
        }
    }

    [Theory]
    [MemberData(nameof(Utf8))]
    public async Task UTF_8_is_accepted_in_every_spelling(string type)
    {
        foreach (var (method, path, token) in await BodiesAsync())
        {
            using var plain = await SendAsync(method, path, token, Json);
            using var spelled = await SendAsync(method, path, token, type);
            Assert.Equal((path, plain.StatusCode), (path, spelled.StatusCode));
            Assert.NotEqual(HttpStatusCode.UnsupportedMediaType, spelled.StatusCode);
            Assert.InRange((int)spelled.StatusCode, 200, 499);
        }
    }

    [Theory]
    [MemberData(nameof(NotUtf8))]
    public async Task Another_charset_is_an_unsupported_media_type(string type)
    {
        foreach (var (method, path, token) in await BodiesAsync())
        {
            using var answer = await SendAsync(method, path, token, type);
            Assert.Equal((path, HttpStatusCode.UnsupportedMediaType), (path, answer.StatusCode));
            Assert.Contains(
                "media-type-unsupported",
                await answer.Content.ReadAsStringAsync(),
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public async Task A_compressed_body_is_an_unsupported_media_type()
    {
        foreach (var (method, path, token) in await BodiesAsync())
        {
            using var answer = await SendAsync(method, path, token, Json, "gzip");
            Assert.Equal((path, HttpStatusCode.UnsupportedMediaType), (path, answer.StatusCode));
            using var identity = await SendAsync(method, path, token, Json, "identity");
            Assert.NotEqual((path, HttpStatusCode.UnsupportedMediaType), (path, identity.StatusCode));
        }
    }

    [Fact]
    public async Task A_scan_in_quoted_UTF_8_is_recorded()
    {
        var resident = await grid.RegisterAsync();
        var venueId = await grid.VenueAsync(new { });
        var scan =
            $$"""{"scanId":"{{Guid.NewGuid()}}","venueId":"{{venueId}}","""
            + $$"""
                "token":"{{await grid.CodeAsync(resident)}}"}
                """;
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(scan));
        content.Headers.TryAddWithoutValidation("Content-Type", "application/json; charset=\"UTF-8\"");
        var answer = await grid.SendAsync(HttpMethod.Post, "/v1/scans", grid.Token(Role.Device, venueId), content);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.True(answer.As<ScanReply>().Value.Admit);
    }

    [Fact]
    public async Task Every_GET_route_allows_HEAD()
    {
        using var answer = await SendAsync("DELETE", "/livez", null);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Equal(["GET", "HEAD"], answer.Content.Headers.Allow);
    }

    [Theory]
    [InlineData(".")]
    [InlineData("..")]
    public async Task An_id_that_a_path_cannot_hold_is_refused_everywhere(string id)
    {
        var past = TimeProvider.System.GetUtcNow().AddHours(-1);
        var resident = await grid.RegisterAsync();
        (string Path, string Token, object Body)[] calls =
        [
            (
                "/v1/tubes",
                grid.Token(Role.Sampler, "site-1"),
                new
                {
                    tubeId = id,
                    capacity = 1,
                    siteId = "site-1",
                }
            ),
            (
                "/v1/tubes",
                grid.Token(Role.Sampler, "site-1"),
                new
                {
                    tubeId = "tube-dots",
                    capacity = 1,
                    siteId = id,
                }
            ),
            (
                "/v1/results",
                grid.Token(Role.Lab, "lab-1"),
                new
                {
                    tubeId = id,
                    sequence = 1,
                    method = "rt-pcr",
                    result = "negative",
                    testedAt = past,
                }
            ),
            (
                "/v1/vaccinations",
                grid.Token(Role.Clinic, "clinic-1"),
                new
                {
                    recordId = id,
                    residentId = resident.Id,
                    product = "p",
                    dose = 1,
                    at = past,
                }
            ),
            (
                "/v1/scans",
                grid.Token(Role.Device, "venue-1"),
                new
                {
                    scanId = id,
                    venueId = "venue-1",
                    token = "HK1:X",
                }
            ),
            ("/v1/check-ins", resident.Token, new { checkInId = id, venueCode = "venue-1" }),
        ];
        foreach (var (path, token, body) in calls)
            (await grid.CallAsync(HttpMethod.Post, path, token, body)).Refused(400, "field-invalid");
    }

    [Fact]
    public async Task The_API_description_is_built_once_and_answers_304_when_unchanged()
    {
        using var first = await SendAsync("GET", "/openapi/v1.json", null);
        using var second = await SendAsync("GET", "/openapi/v1.json", null);
        Assert.Equal(await first.Content.ReadAsByteArrayAsync(), await second.Content.ReadAsByteArrayAsync());
        var tag = first.Headers.ETag!.ToString();
        var again = await grid.SendAsync(
            HttpMethod.Get,
            "/openapi/v1.json",
            null,
            null,
            ("If-None-Match", $"\"x\", {tag}")
        );
        Assert.Equal((HttpStatusCode.NotModified, ""), (again.Status, again.Text));
        var page = await grid.SendAsync(HttpMethod.Get, "/openapi/v1.json", null, null, ("If-None-Match", "\"x\""));
        Assert.False(
            page.Json.TryGetProperty("servers", out var servers) && servers.GetArrayLength() > 0,
            "names a server"
        );
    }

    private async Task<List<(string Method, string Path, string? Token)>> BodiesAsync() =>
        await CallsAsync(HttpMethods.Post, HttpMethods.Put, HttpMethods.Patch, HttpMethods.Delete);

    /// <summary>
    /// A permitted call to each route with one of these methods, except streams: they check their bodies themselves.
    /// </summary>
    private async Task<List<(string Method, string Path, string? Token)>> CallsAsync(params string[] methods)
    {
        var resident = await grid.RegisterAsync();
        var calls = (
            from endpoint in grid.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            where !RouteLimits.IsStreamed(endpoint)
            from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []
            where methods.Contains(method)
            let path = Regex.Replace(endpoint.RoutePattern.RawText!, @"\{\w+:guid\}", $"{Guid.NewGuid()}")
            select (
                method,
                Regex.Replace(path, @"\{\w+\}", "unknown-1"),
                TokenOf(endpoint.Metadata.GetRequiredMetadata<AccessRule>(), resident)
            )
        ).ToList();
        Assert.NotEmpty(calls);
        return calls;
    }

    private string? TokenOf(AccessRule rule, Resident resident) =>
        Enum.GetValues<Role>().Where(role => rule.Roles.HasFlag((Roles)(1 << (int)role))).ToArray() switch
        {
            [] => null,
            [Role.Resident, ..] => resident.Token,
            [Role.Operator, ..] => grid.Token(Role.Operator, "hotline/anna"),
            [var role, ..] => grid.Token(role, "subject-1"),
        };

    private async Task<HttpResponseMessage> SendAsync(
        string method,
        string path,
        string? token,
        string? type = null,
        string? encoding = null
    )
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (token is not null)
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        if (type is not null)
        {
            request.Content = new ByteArrayContent("{}"u8.ToArray());
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
            if (encoding is not null)
                request.Content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        }
        return await grid.Http.SendAsync(request);
    }
}
