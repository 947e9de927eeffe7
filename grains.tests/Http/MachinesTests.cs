using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Grid.Gateway.Errors;
using Grid.Gateway.Hosting;
using Grid.Gateway.Tokens;
using Grid.Tests.Fixtures;
using Microsoft.Extensions.Options;

namespace Grid.Tests.Http;

public sealed class MachinesTests(GridHost grid) : IClassFixture<GridHost>
{
    [Theory]
    [InlineData("/livez", "live")]
    [InlineData("/readyz", "ready")]
    public async Task The_health_probes_answer(string path, string text) =>
        Assert.Equal((HttpStatusCode.OK, text), await TextAsync(path));

    [Fact]
    public async Task Metrics_are_prometheus_text_and_count_displays()
    {
        var resident = await grid.RegisterAsync();
        await grid.DisplayAsync(resident);
        await grid.CallAsync(HttpMethod.Get, "/v1/nothing", null);

        var (status, text) = await TextAsync("/metrics");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Matches("(?m)^grid_displays_total\\{outcome=\"made\"\\} [1-9]", text);
        Assert.Matches("(?m)^grid_errors_total\\{code=\"not-found\"\\} [1-9]", text);
        Assert.All(text.TrimEnd('\n').Split('\n'), line =>
            Assert.Matches(
                @"^(# EOF|# (HELP|TYPE) [a-z_][a-z0-9_]* .+|"
                    + @"[a-z_][a-z0-9_]*\{([A-Za-z_]+=""[^""]*""(,[A-Za-z_]+=""[^""]*"")*)?\} [0-9.eE+-]+)$",
                line
            )
        );
        Assert.DoesNotContain(resident.Id.ToString(), text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_API_description_lists_every_call_and_its_roles()
    {
        var answer = await grid.CallAsync(HttpMethod.Get, "/openapi/v1.json", null);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        var paths = answer.Json.GetProperty("paths");
        var display = paths.GetProperty("/v1/me/code").GetProperty("get");
        Assert.Equal("Roles: resident.", display.GetProperty("description").GetString());
        Assert.Contains(
            "sampler, lab",
            paths.GetProperty("/v1/tubes/{tubeId}").GetProperty("get").GetProperty("description").GetString(),
            StringComparison.Ordinal
        );
        Assert.Contains("refreshAfterSeconds", answer.Text, StringComparison.Ordinal);
        Assert.Contains("admitColours", answer.Text, StringComparison.Ordinal);
        Assert.Equal(
            ["for", "If-None-Match"],
            display.GetProperty("parameters").EnumerateArray().Select(each => each.GetProperty("name").GetString()!)
        );
        Assert.Equal(
            1,
            paths.GetProperty("/v1/residents").GetProperty("post").GetProperty("security").GetArrayLength()
        );
        foreach (var status in new[] { "401", "403", "default" })
            Assert.True(
                display
                    .GetProperty("responses")
                    .GetProperty(status)
                    .GetProperty("content")
                    .TryGetProperty("application/problem+json", out _),
                status
            );
    }

    [Fact]
    public async Task An_unknown_path_is_not_found_and_a_wrong_method_is_not_allowed()
    {
        (await grid.CallAsync(HttpMethod.Get, "/v1/nothing", null)).Refused(404, "not-found");
        (await grid.CallAsync(HttpMethod.Get, "/openapi/v2.json", null)).Refused(404, "not-found");
        using var wrong = await grid.Http.DeleteAsync("/v1/tubes/t");
        Assert.Equal(["GET", "HEAD"], wrong.Content.Headers.Allow);
        (await grid.CallAsync(HttpMethod.Delete, "/v1/me/code", null)).Refused(405, "method-not-allowed");
        (await grid.CallAsync(HttpMethod.Get, "/v1/scans", null)).Refused(405, "method-not-allowed");
        (
            await grid.CallAsync(HttpMethod.Delete, "/v1/tubes/t/samples/not-a-guid", grid.Token(Role.Sampler, "s"))
        ).Refused(404, "not-found");
    }

    [Fact]
    public async Task An_oversized_body_another_media_type_and_invalid_JSON_are_refused()
    {
        var large = $$"""{"idNumber":"{{new string('1', 100_000)}}"}""";
        (await grid.CallTextAsync(HttpMethod.Post, "/v1/residents", grid.Staff, large)).Refused(413, "body-too-large");
        (await grid.CallTextAsync(HttpMethod.Post, "/v1/residents", grid.Staff, "{}", "text/plain")).Refused(
            415,
            "media-type-unsupported"
        );
        (await grid.CallTextAsync(HttpMethod.Post, "/v1/residents", grid.Staff, "{")).Refused(400, "json-invalid");
        (await grid.CallTextAsync(HttpMethod.Post, "/v1/residents", grid.Staff, "[1]")).Refused(400, "json-invalid");
        (await grid.CallTextAsync(HttpMethod.Post, "/v1/residents", grid.Staff, "null")).Refused(400, "json-invalid");
        (await grid.CallTextAsync(HttpMethod.Post, "/v1/residents", grid.Staff, "")).Refused(400, "json-invalid");
        (await grid.CallTextAsync(HttpMethod.Post, "/v1/residents", grid.Staff, """{"idNumber":7}""")).Refused(
            400,
            "json-invalid"
        );

        var device = grid.Token(Role.Device, "venue-1");
        (await grid.CallTextAsync(HttpMethod.Post, "/v1/scans", device, new string(' ', 5000))).Refused(
            413,
            "body-too-large"
        );
        (await grid.CallTextAsync(HttpMethod.Post, "/v1/scans", device, new string(' ', 100_000))).Refused(
            413,
            "body-too-large"
        );
        (await grid.CallTextAsync(HttpMethod.Post, "/v1/scans", device, "{}", "text/plain")).Refused(
            415,
            "media-type-unsupported"
        );
        (await grid.CallTextAsync(HttpMethod.Post, "/v1/scans/batch", device, new string(' ', 600_000))).Refused(
            413,
            "body-too-large"
        );
    }

    [Theory]
    [InlineData("/v1/residents", """{"idNumber":7}""", "'idNumber'")]
    [InlineData("/v1/residents", """{"document":{"type":"resident-id","number":[1]}}""", "'document.number'")]
    [InlineData("/v1/residents", """{"name":{"private":"x"}}""", "'name'")]
    [InlineData("/v1/residents", """{"private":tru}""", "byte ")]
    [InlineData("/v1/residents", """{"private":1,"name":"x}""", "byte ")]
    [InlineData("/v1/registrations", """{"phone":13900000000}""", "'phone'")]
    [InlineData("/v1/residents/import", """{"phone":13900000000}""", "'phone'")]
    public async Task A_type_error_names_known_fields_and_repeats_no_input(string path, string body, string named)
    {
        var isStream = path.EndsWith("import", StringComparison.Ordinal);
        var answer = await grid.CallTextAsync(
            HttpMethod.Post,
            path,
            grid.Staff,
            body,
            isStream ? "application/x-ndjson" : "application/json"
        );
        Assert.Equal(isStream ? HttpStatusCode.OK : HttpStatusCode.BadRequest, answer.Status);
        var (code, detail) = isStream
            ? answer.As<ImportReply>().Value.Errors.Select(static error => (error.Code, error.Detail)).First()
            : (answer.Problem.Code, answer.Problem.Detail);
        Assert.Equal("json-invalid", code);
        Assert.Contains(named, detail, StringComparison.Ordinal);
        Assert.DoesNotContain("private", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("13900000000", answer.Text, StringComparison.Ordinal);
    }

    /// <summary>Some clients send the whole body before they read the answer.</summary>
    [Theory]
    [InlineData("/v1/scans", 600_000)]
    [InlineData("/v1/scans/batch", 3_000_000)]
    public async Task The_rest_of_an_oversized_body_is_read(string path, int bytes)
    {
        await using var stream = await BeginAsync(path, $"Content-Length: {bytes}");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        Assert.Equal("HTTP/1.1 413 Payload Too Large", await reader.ReadLineAsync());
        var part = new byte[50_000];
        for (var sent = 0; sent < bytes; sent += part.Length)
            await stream.WriteAsync(part);
        Assert.Contains("\"body-too-large\"", await reader.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_of_unknown_length_is_bounded_too()
    {
        await using var stream = await BeginAsync("/v1/scans/batch", "Transfer-Encoding: chunked");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var refusal = reader.ReadLineAsync();
        // The body never ends: the gateway must refuse it without its length.
        var chunk = Encoding.ASCII.GetBytes($"{50_000:x}\r\n{new string(' ', 50_000)}\r\n");
        try
        {
            for (var sent = 0; sent < 600_000; sent += 50_000)
                await stream.WriteAsync(chunk);
        }
        catch (IOException)
        {
            // The gateway closed the connection while the body was sent.
        }

        Assert.Equal("HTTP/1.1 413 Payload Too Large", await refusal);
    }

    [Theory]
    [InlineData("ConnectionsMax", "-1")]
    [InlineData("BodyBytesMax", "1")]
    public void A_wrong_setting_is_named(string setting, string value)
    {
        var refused = Assert.Throws<OptionsValidationException>(() =>
            GatewayHost.Build([$"--Grid:Gateway:{setting}={value}", "--Grid:Data", grid.Data])
        );
        Assert.Contains(setting, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_too_large_are_refused() =>
        Assert.Equal(
            HttpStatusCode.RequestHeaderFieldsTooLarge,
            (await grid.SendAsync(HttpMethod.Get, "/livez", null, null, ("X-Large", new string('x', 20_000)))).Status
        );

    [Fact]
    public async Task An_error_never_repeats_the_input()
    {
        var person = GridHost.NewPerson();
        var wrong = person with { IdNumber = person.IdNumber[..17] + (person.IdNumber[17] == '1' ? '2' : '1') };
        foreach (
            var body in new[]
            {
                System.Text.Json.JsonSerializer.Serialize(wrong.Registration()),
                $$"""{"idNumber":"{{person.IdNumber}}" oops""",
            }
        )
        {
            var answer = await grid.CallTextAsync(HttpMethod.Post, "/v1/residents", grid.Staff, body);
            Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
            Assert.DoesNotContain(person.IdNumber[..10], answer.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_error_code_is_kebab_case_and_unique()
    {
        Assert.All(ErrorCodes.All, code => Assert.Matches("^[a-z]+(-[a-z]+)*$", code.Code));
        Assert.All(ErrorCodes.All, code => Assert.InRange(code.Status, 400, 599));
        Assert.All(ErrorCodes.All.Where(code => code.Status is 429 or 503), code =>
            Assert.True(code.RetryAfterSeconds > 0, code.Code)
        );
        Assert.Equal(ErrorCodes.All.Count, ErrorCodes.All.Select(code => code.Code).Distinct().Count());
    }

    [Fact]
    public void The_docs_list_exactly_these_error_codes()
    {
        var text = File.ReadAllText(Path.Combine(Root(), "docs", "errors.md"));
        var listed = Regex
            .Matches(text, @"^- `([a-z-]+)` (\d+): (.+)$", RegexOptions.Multiline)
            .Select(row => (row.Groups[1].Value, int.Parse(row.Groups[2].Value), row.Groups[3].Value));

        Assert.Equal(ErrorCodes.All.Select(code => (code.Code, code.Status, code.Title)), listed);
    }

    /// <summary>Sends the head of a device's request without its body.</summary>
    private async Task<NetworkStream> BeginAsync(string path, string length)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(grid.Http.BaseAddress!.Host, grid.Http.BaseAddress.Port);
        var stream = new NetworkStream(socket, ownsSocket: true);
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"POST {path} HTTP/1.1\r\nHost: grid\r\nAuthorization: Bearer {grid.Token(Role.Device, "venue-1")}\r\n"
                    + $"Content-Type: application/json\r\n{length}\r\n\r\n"
            )
        );
        return stream;
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Grid.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests run outside the repository.");
    }

    private async Task<(HttpStatusCode, string)> TextAsync(string path)
    {
        var answer = await grid.CallAsync(HttpMethod.Get, path, null);
        return (answer.Status, answer.Text);
    }
}
