using System.IO.Compression;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Grid.Gateway.Errors;
using Grid.Gateway.Imports;
using Grid.Gateway.Json;
using Grid.Gateway.Tokens;
using Grid.ImportReports;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Http;

public sealed class ImportTests(GridHost grid) : IClassFixture<GridHost>
{
    private const string Path = "/v1/residents/import";
    private const string Heading = "idNumber,name,phone,district\n";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Text_inside_a_quoted_value_never_becomes_a_person()
    {
        var (person, victim) = (GridHost.NewPerson(), GridHost.NewPerson());
        var csv =
            "idNumber,name,phone,district,note\n"
            + $"{person.IdNumber},{person.Name},{person.Phone},610102,"
            + $"\"moved\n{victim.IdNumber},Victim,13666666666,610103,x\nend\"\n";
        var answer = await ImportAsync(csv, "text/csv");

        Assert.Equal((1, 0, 0, 0), Counts(answer));
        Assert.Equal(
            HttpStatusCode.Created,
            (await grid.CallAsync(HttpMethod.Post, "/v1/residents", grid.Staff, victim.Registration())).Status
        );
        Assert.Equal(
            HttpStatusCode.OK,
            (await grid.CallAsync(HttpMethod.Post, "/v1/residents", grid.Staff, person.Registration())).Status
        );
    }

    [Fact]
    public async Task A_record_is_named_by_its_first_line()
    {
        var (one, two) = (GridHost.NewPerson(), GridHost.NewPerson());
        var csv =
            "\uFEFF\"idNumber\",\"name\",\"phone\",\"district\",\"note\"\r\n"
            + $"{one.IdNumber},{one.Name},{one.Phone},610102,\"a\r\nb\"\r\n"
            + $"{two.IdNumber},{two.Name},123,610102,\"a\r\n\r\nb\"\r\n"
            + "short\r\n"
            + $"{two.IdNumber},{two.Name},{two.Phone},610102,say \"x\"\r\n"
            + $"{two.IdNumber},{two.Name},{two.Phone},610102,ok\r\n"
            + $"{two.IdNumber},{two.Name}";
        var answer = await ImportAsync(csv, "text/csv; charset=\"UTF-8\"");

        Assert.Equal((2, 0, 0, 4), Counts(answer));
        Assert.Equal(
            [(4, "phone-invalid"), (7, "line-invalid"), (8, "line-invalid"), (10, "line-truncated")],
            Errors(answer)
        );
        Assert.All(answer.Value.Errors, static error => Assert.NotEqual("", error.Detail));
    }

    [Fact]
    public async Task Lines_after_an_open_quote_are_not_read_as_people()
    {
        var (one, two) = (GridHost.NewPerson(), GridHost.NewPerson());
        var csv =
            Heading + $"{one.IdNumber},\"{one.Name},{one.Phone},610102\n{two.IdNumber},{two.Name},{two.Phone},610102\n";

        Assert.Equal([(2, "line-truncated")], Errors(await ImportAsync(csv, "text/csv")));
        Assert.Equal([(2, "line-too-long")], Errors(await ImportAsync(csv + new string('x', 5000) + "\n", "text/csv")));
        Assert.Equal(
            HttpStatusCode.Created,
            (await grid.CallAsync(HttpMethod.Post, "/v1/residents", grid.Staff, two.Registration())).Status
        );
    }

    [Fact]
    public async Task Gb_18030_is_read_by_its_charset_and_another_is_refused()
    {
        var person = GridHost.NewPerson() with { Name = "张㑇𠮷" };
        var gb18030 = CodePagesEncodingProvider.Instance.GetEncoding("gb18030")!;
        var bytes = gb18030.GetBytes(Heading + $"{person.IdNumber},{person.Name},{person.Phone},碑林区\n");

        Assert.Equal([(2, "line-invalid")], Errors(await ImportAsync(bytes, "text/csv")));
        Assert.Equal((1, 0, 0, 0), Counts(await ImportAsync(bytes, "text/csv; charset=GB18030")));
        var same = new
        {
            idNumber = person.IdNumber,
            name = person.Name,
            phone = person.Phone,
            district = "610103",
        };
        Assert.Equal(
            HttpStatusCode.OK,
            (await grid.CallAsync(HttpMethod.Post, "/v1/residents", grid.Staff, same)).Status
        );
        (await ImportAsync(bytes, "text/csv; charset=utf-16")).Refused(415, "media-type-unsupported");
        (await ImportAsync("{}", "application/x-ndjson; charset=gb18030")).Refused(415, "media-type-unsupported");
    }

    public static TheoryData<string, bool> Charsets =>
        new()
        {
            { "utf-8", true },
            { "\"UTF-8\"", true },
            { "\"ut\\f-8\"", true },
            { "utf8", true },
            { "csUTF8", true },
            { "utf-8; charset=\"utf8\"", true },
            { "us-ascii", false },
            { "\"\"", false },
            { "utf-16", false },
            { "latin1", false },
            { "utf-8; charset=latin1", false },
            { "utf-8; charset=gb18030", false },
        };

    [Theory]
    [MemberData(nameof(Charsets))]
    public async Task Every_call_with_a_body_reads_charsets_alike(string charset, bool isUtf8)
    {
        var lab = grid.Token(Role.Lab, "lab-1");
        var results = await grid.SendAsync(
            HttpMethod.Post,
            "/v1/results",
            lab,
            Typed("{}", $"application/json; charset={charset}")
        );
        Answer[] streams =
        [
            await ImportAsync("{}\n", $"application/x-ndjson; charset={charset}"),
            await ImportAsync(Heading, $"text/csv; charset={charset}"),
            await grid.SendAsync(
                HttpMethod.Post,
                "/v1/tubes/import",
                grid.Token(Role.Sampler, "site-1"),
                Typed("{}\n", $"application/x-ndjson; Charset={charset}")
            ),
        ];
        Assert.Equal(isUtf8 ? HttpStatusCode.BadRequest : HttpStatusCode.UnsupportedMediaType, results.Status);
        Assert.All(streams, answer =>
            Assert.Equal(isUtf8 ? HttpStatusCode.OK : HttpStatusCode.UnsupportedMediaType, answer.Status)
        );
    }

    [Fact]
    public async Task All_refused_lines_are_listed_by_import_id()
    {
        var lines = string.Concat(Enumerable.Repeat("{\"idNumber\":7}\n", 150)) + Line(GridHost.NewPerson()) + "\n{}\n";
        var answer = await ImportAsync(lines, "application/x-ndjson");
        Assert.Equal((1, 0, 0, 151), Counts(answer));
        Assert.Equal(Enumerable.Range(1, 100), Errors(answer).Select(error => error.Item1));

        var path = $"{Path}/{answer.Value.ImportId}";
        var all = await ReportAsync(path);
        Assert.Equal((1, 0, 0, 151), Counts(all));
        Assert.Equal(
            [.. Enumerable.Range(1, 150).Select(line => (line, "json-invalid")), (152, "field-missing")],
            Errors(all)
        );
        Assert.Equal(Errors(answer), Errors(all).Take(100));
        Assert.Equal((null, (int?)151), (all.Value.Next, all.Value.Kept));

        var page = await ReportAsync($"{path}?after=149&limit=1");
        Assert.Equal([(150, "json-invalid")], Errors(page));
        Assert.Equal(150, page.Value.Next);
        Assert.Equal([(152, "field-missing")], Errors(await ReportAsync($"{path}?after=150")));
        Assert.Empty(Errors(await ReportAsync($"{path}?after=152")));
        (await grid.CallAsync(HttpMethod.Get, $"{path}?limit=0", grid.Staff)).Refused(400, "field-invalid");
        (await grid.CallAsync(HttpMethod.Get, path, grid.Token(Role.Operator, "hotline/bea"))).Refused(
            404,
            "not-found"
        );
    }

    [Fact]
    public async Task Only_the_latest_imports_of_a_subject_are_kept()
    {
        var sampler = grid.Token(Role.Sampler, "site-of-imports");
        var ids = new List<Guid>();
        for (var import = 0; import < 5; import++)
        {
            var answer = await grid.SendAsync(
                HttpMethod.Post,
                "/v1/tubes/import",
                sampler,
                Typed("{}\n", "application/x-ndjson")
            );
            ids.Add(answer.As<ImportReply>().Value.ImportId!.Value);
        }

        (await grid.CallAsync(HttpMethod.Get, $"/v1/tubes/import/{ids[0]}", sampler)).Refused(404, "not-found");
        foreach (var id in ids[1..])
        {
            var report = await grid.CallAsync(HttpMethod.Get, $"/v1/tubes/import/{id}", sampler);
            Assert.Equal([(1, "field-missing")], Errors(report));
        }

        var clean = await grid.SendAsync(
            HttpMethod.Post,
            "/v1/tubes/import",
            sampler,
            Typed("", "application/x-ndjson")
        );
        Assert.Null(clean.As<ImportReply>().Value.ImportId);
    }

    [Fact]
    public void An_import_keeps_a_bounded_number_of_lines_and_of_texts()
    {
        var errors = new LineErrors();
        for (var line = LineErrors.MaxLines + 10; line > 0; line--)
            errors.Add(line, ErrorCodes.LineInvalid, $"detail {line}");
        var report = errors.ReportOf(Guid.NewGuid(), DateTimeOffset.UnixEpoch, new ImportCounts(0, 0, 0, 0));
        Assert.Equal(LineErrors.MaxLines, report.Lines.Length);
        Assert.InRange(report.Table.Length, 1_000, 1_001);
        Assert.Equal(
            new LineError(11, "line-invalid", ErrorCodes.LineInvalid.Title),
            LineErrors.Page(report, 0, 1).Single()
        );
    }

    [Fact]
    public async Task A_heading_without_a_required_column_refuses_the_import() =>
        (await ImportAsync("idNumber,name,phone\n", "text/csv")).Refused(400, "heading-invalid");

    [Fact]
    public async Task Other_particulars_are_a_conflict_and_change_nothing()
    {
        var resident = await grid.RegisterAsync();
        var lines = Line(resident.Person) + "\n" + Line(resident.Person with { Phone = "13700000003" }) + "\n";
        var answer = await ImportAsync(lines, "application/x-ndjson");

        Assert.Equal((0, 1, 1, 0), Counts(answer));
        Assert.Equal([(2, "resident-exists")], Errors(answer));
        Assert.EndsWith("another phone.", answer.Value.Errors[0].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_duplicate_field_is_refused()
    {
        var person = GridHost.NewPerson();
        var twice = $$"""{"idNumber":"{{GridHost.NewPerson().IdNumber}}",{{Line(person)[1..]}}""";

        Assert.Equal([(1, "duplicate-key")], Errors(await ImportAsync(twice + "\n", "application/x-ndjson")));
        (await grid.CallTextAsync(HttpMethod.Post, "/v1/residents", grid.Staff, twice)).Refused(400, "duplicate-key");
        (
            await grid.CallTextAsync(
                HttpMethod.Post,
                "/v1/results",
                grid.Token(Role.Lab, "lab-1"),
                """{"tubeId":"T","sequence":1,"method":"m","result":"positive","""
                    + """
                    "testedAt":"2026-01-01T00:00:00Z","result":"negative"}
                    """
            )
        ).Refused(400, "duplicate-key");
        (
            await grid.CallTextAsync(
                HttpMethod.Post,
                "/v1/results",
                grid.Token(Role.Lab, "lab-1"),
                """{"tubeId":"T","sequence":1,"method":"m","result":"positive","""
                    + """
                    "testedAt":"2026-01-01T00:00:00Z","Result":"negative"}
                    """
            )
        ).Refused(400, "duplicate-key");
        (
            await grid.CallTextAsync(
                HttpMethod.Post,
                "/v1/scans",
                grid.Token(Role.Device, "venue-1"),
                """{"scanId":"s","venueId":"venue-1","token":"t","venueId":"venue-2"}"""
            )
        ).Refused(400, "duplicate-key");
    }

    [Fact]
    public async Task A_last_line_is_truncated_only_when_it_is_cut_off()
    {
        Assert.Equal([(1, "json-invalid")], Errors(await ImportAsync("""{"idNumber":7}""", "application/x-ndjson")));
        Assert.Equal([(1, "line-truncated")], Errors(await ImportAsync("""{"idNumber":"7""", "application/x-ndjson")));
    }

    [Fact]
    public async Task Every_JSON_call_accepts_a_byte_order_mark()
    {
        var person = GridHost.NewPerson();
        Assert.Equal((1, 0, 0, 0), Counts(await ImportAsync("\uFEFF" + Line(person) + "\n", "application/x-ndjson")));
        var bytes = new ByteArrayContent([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Line(person))]);
        bytes.Headers.ContentType = MediaTypeHeaderValue.Parse("application/json");
        Assert.Equal(
            HttpStatusCode.OK,
            (await grid.SendAsync(HttpMethod.Post, "/v1/residents", grid.Staff, bytes)).Status
        );
        var device = grid.Token(Role.Device, "venue-1");
        (await grid.CallTextAsync(HttpMethod.Post, "/v1/scans", device, "\uFEFF{}")).Refused(400, "field-missing");
        Assert.Equal("[]", (await grid.CallTextAsync(HttpMethod.Post, "/v1/scans/batch", device, "\uFEFF[]")).Text);
    }

    [Theory]
    [InlineData("text/csv")]
    [InlineData("application/gzip")]
    [InlineData("text/plain")]
    [InlineData("not a type")]
    public async Task An_import_of_JSON_lines_accepts_no_other_body(string type)
    {
        using var content = new ByteArrayContent("{}\n"u8.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        (
            await grid.SendAsync(HttpMethod.Post, "/v1/tubes/import", grid.Token(Role.Sampler, "site-1"), content)
        ).Refused(415, "media-type-unsupported");
    }

    [Theory]
    [InlineData("application/x-ndjson", true)]
    [InlineData("application/x-ndjson", false)]
    [InlineData("text/csv", false)]
    public async Task A_compressed_stream_is_refused_with_or_without_Content_Encoding(string type, bool isDeclared)
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            await gzip.WriteAsync("{}\n"u8.ToArray());
        using var content = new ByteArrayContent(packed.ToArray());
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        if (isDeclared)
            content.Headers.ContentEncoding.Add("gzip");
        (await grid.SendAsync(HttpMethod.Post, Path, grid.Staff, content)).Refused(415, "media-type-unsupported");
    }

    [Fact]
    public async Task One_subject_has_a_bounded_number_of_streams()
    {
        var open = await OpenAllAsync(grid);
        var line = Line(GridHost.NewPerson()) + "\n";
        (await ImportAsync(line, "application/x-ndjson")).Refused(429, "rate-limited");
        var other = await grid.SendAsync(
            HttpMethod.Post,
            Path,
            grid.Token(Role.Operator, "hotline/bea"),
            Content(line)
        );
        Assert.Equal(HttpStatusCode.OK, other.Status);

        foreach (var stream in open)
            Assert.Equal(HttpStatusCode.OK, (await stream.EndAsync()).Status);
        Assert.Equal(HttpStatusCode.OK, (await ImportAsync(line, "application/x-ndjson")).Status);
    }

    [Fact]
    public async Task An_open_import_ends_with_an_error_when_the_gateway_stops()
    {
        await using var own = new GridHost();
        await own.StartAsync();
        // A bare connection: HttpClient would wait until its own body ends.
        using var connection = new TcpClient();
        await connection.ConnectAsync(own.Http.BaseAddress!.Host, own.Http.BaseAddress.Port);
        await using var stream = connection.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"POST {Path} HTTP/1.1\r\nHost: grid\r\nAuthorization: Bearer {own.Staff}\r\n"
                    + "Content-Type: application/x-ndjson\r\n"
                    + "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"
            )
        );
        using var reader = new StreamReader(stream, Encoding.UTF8);
        // The gateway asks for the body once the import reads it.
        Assert.Equal("HTTP/1.1 100 Continue", await reader.ReadLineAsync().WaitAsync(Patience));
        var startedAt = TimeProvider.System.GetTimestamp();
        var stopping = own.StopAppAsync();
        var answer = "";
        for (var buffer = new char[1_024]; !answer.Contains("\"code\":\"stopping\"", StringComparison.Ordinal); )
        {
            var count = await reader.ReadAsync(buffer).AsTask().WaitAsync(Patience);
            Assert.NotEqual(0, count);
            answer += new string(buffer, 0, count);
        }

        Assert.Contains("HTTP/1.1 503", answer, StringComparison.Ordinal);
        await stopping;
        Assert.InRange(TimeProvider.System.GetElapsedTime(startedAt), TimeSpan.Zero, TimeSpan.FromSeconds(15));
    }

    /// <summary>Opens as many streams as one subject may have. On return the gateway reads all of them.</summary>
    private static async Task<List<OpenStream>> OpenAllAsync(GridHost host)
    {
        var open = Enumerable.Range(0, 4).Select(_ => new OpenStream(host)).ToList();
        foreach (var stream in open)
            await stream.Reading.WaitAsync(Patience);
        return open;
    }

    private Task<Answer<ImportReply>> ImportAsync(string lines, string type) =>
        ImportAsync(Encoding.UTF8.GetBytes(lines), type);

    private async Task<Answer<ImportReply>> ImportAsync(byte[] lines, string type)
    {
        var content = new ByteArrayContent(lines);
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        return (await grid.SendAsync(HttpMethod.Post, Path, grid.Staff, content)).As<ImportReply>();
    }

    /// <summary>The report of an import, or a page of it.</summary>
    private async Task<Answer<ImportReply>> ReportAsync(string path) =>
        (await grid.CallAsync(HttpMethod.Get, path, grid.Staff)).As<ImportReply>();

    private static ByteArrayContent Typed(string lines, string type)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(lines));
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        return content;
    }

    private static StringContent Content(string lines) => new(lines, Encoding.UTF8, "application/x-ndjson");

    private static (int Accepted, int Duplicates, int Conflicts, int Rejected) Counts(Answer answer)
    {
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return answer.As<ImportReply>().Value.Counts;
    }

    private static IEnumerable<(int, string)> Errors(Answer answer) => answer.As<ImportReply>().Value.Codes;

    private static string Line(Person person) => JsonSerializer.Serialize(person.Registration());

    /// <summary>A stream whose body is not finished.</summary>
    private sealed class OpenStream
    {
        private readonly Pipe _body = new();
        private readonly TaskCompletionSource _reading = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal OpenStream(GridHost grid) => Answer = SendAsync(grid);

        /// <summary>Completes when the gateway reads the body.</summary>
        internal Task Reading => _reading.Task;

        internal Task<Answer> Answer { get; }

        internal async Task<Answer> EndAsync()
        {
            await _body.Writer.CompleteAsync();
            return await Answer.WaitAsync(Patience);
        }

        private async Task<Answer> SendAsync(GridHost grid)
        {
            // The body starts when the gateway asks for it: the stream has its slot by then.
            using var http = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = Patience })
            {
                BaseAddress = grid.Http.BaseAddress,
            };
            using var content = new PipeContent(_body.Reader, _reading);
            content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/x-ndjson");
            return await http.SendAsync(
                HttpMethod.Post,
                ImportTests.Path,
                grid.Staff,
                content,
                ("Expect", "100-continue")
            );
        }
    }

    private sealed class PipeContent(PipeReader body, TaskCompletionSource reading) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            reading.TrySetResult();
            while (true)
            {
                var read = await body.ReadAsync();
                foreach (var part in read.Buffer)
                    await stream.WriteAsync(part);
                await stream.FlushAsync();
                body.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                    return;
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = -1;
            return false;
        }
    }
}
