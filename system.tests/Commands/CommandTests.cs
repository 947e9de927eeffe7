using System.Diagnostics;
using Grid.Gateway.Tokens;
using Grid.Keys;

namespace Grid.Tests.Commands;

/// <summary>The program as a user runs it: a process, its two outputs and its exit code.</summary>
public sealed class CommandTests : IDisposable
{
    private static readonly TimeSpan RunTimeout = TimeSpan.FromSeconds(60);

    private readonly string _data = Directory.CreateTempSubdirectory("grid-command-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task A_token_is_printed_alone_and_is_valid()
    {
        var (code, output, error) = await RunAsync(
            "",
            "token",
            "--role",
            "lab",
            "--subject",
            "lab-001",
            "--hours",
            "2"
        );

        Assert.Equal((0, ""), (code, error));
        Assert.Equal(AccessTokenCheck.Valid, Check(output.TrimEnd('\n'), out var caller));
        Assert.Equal((Role.Lab, "lab-001"), (caller.Role, caller.Subject));
        Assert.InRange((caller.ExpiresAt - TimeProvider.System.GetUtcNow()).TotalHours, 1.9, 2);
    }

    [Fact]
    public async Task Subjects_on_standard_input_give_a_token_a_line()
    {
        var ids = Enumerable.Range(0, 100).Select(_ => Guid.NewGuid().ToString()).ToArray();
        var (code, output, _) = await RunAsync(string.Join('\n', ids), "token", "--role", "resident", "--subject", "-");

        Assert.Equal(0, code);
        Assert.Equal(
            ids,
            output
                .TrimEnd('\n')
                .Split('\n')
                .Select(token =>
                {
                    Check(token, out var caller);
                    return caller.ResidentId.ToString();
                })
        );
    }

    [Fact]
    public async Task Keys_rotate()
    {
        var (code, output, _) = await RunAsync("", "keys", "rotate");
        Assert.Equal((0, "access-token 2\ndisplay-token 2\nprofile 2\n"), (code, output));
        Assert.Equal("display-token 3\n", (await RunAsync("", "keys", "rotate", "--purpose", "display-token")).Output);
    }

    [Theory]
    [InlineData("token --role king --subject x", "--role is one of")]
    [InlineData("token --role lab", "--subject")]
    [InlineData("token --role lab --subject=", "--subject")]
    [InlineData("token --role resident --subject somebody", "resident id")]
    [InlineData("token --role lab --subject x --hours 0", "--hours")]
    [InlineData("token --role lab --subject x --hours 100000", "--hours")]
    [InlineData("token --role lab --subject x --our 1", "has no option --our")]
    [InlineData("token --role lab --subject x --hours", "--hours")]
    [InlineData("token --role lab --subject x more", "does not take 'more'")]
    [InlineData("keys", "keys --help")]
    [InlineData("keys burn", "keys rotate, keys revoke, keys list, keys gateway")]
    [InlineData("keys rotate --after soon", "--after")]
    [InlineData("keys revoke --purpose access-token", "--id")]
    [InlineData("import", "import --help")]
    [InlineData("import - --format xml", "--format")]
    [InlineData("import - --charset latin1", "--charset")]
    [InlineData("import - --charset gb18030", "NDJSON is always UTF-8")]
    [InlineData("nonsense", "There is no command 'nonsense'")]
    [InlineData("@nonsense", "There is no command '@nonsense'")]
    public Task A_wrong_call_ends_with_2_and_one_line(string line, string named) => EndsInOneLineAsync(2, line, named);

    [Theory]
    [InlineData("keys rotate --after 00:00:14", "could not read")]
    [InlineData("import missing.ndjson", "missing.ndjson")]
    [InlineData("--Grid:Gateway:LineBytesMax 1", "LineBytesMax")]
    [InlineData("--Grid:Gateway:BodyBytesMax many", "BodyBytesMax")]
    [InlineData("--Grid:PostgresStore:Writers 2", "Grid:Store:Postgres")]
    [InlineData("--Grid:Store:Files 8", "Grid:Store:Sqlite:Files")]
    [InlineData("--Grid:Store:Archive /archive", "Litestream")]
    [InlineData("--Grid:Store:Sqlite:Files 0", "Files")]
    public Task A_failure_ends_with_1_and_one_line(string line, string named) => EndsInOneLineAsync(1, line, named);

    private async Task EndsInOneLineAsync(int expected, string line, string named)
    {
        var (code, output, error) = await RunAsync("", line.Split(' '));

        Assert.Equal((expected, ""), (code, output));
        Assert.Contains(named, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task Options_may_be_written_in_either_case_and_with_an_equals_sign()
    {
        var (code, output, _) = await RunAsync("", "token", "--Role=lab", "--SUBJECT", "lab-001", "--Hours=2");

        Assert.Equal((0, AccessTokenCheck.Valid), (code, Check(output.TrimEnd('\n'), out _)));
    }

    [Fact]
    public async Task A_data_folder_of_0_1_stops_the_start_with_a_line_that_says_what_to_do()
    {
        Directory.CreateDirectory(Path.Combine(_data, "store"));
        await File.WriteAllTextAsync(
            Path.Combine(_data, "store", "manifest.json"),
            """{"layout":1,"files":4,"pageBytes":2048}"""
        );
        var (code, _, error) = await RunAsync("");

        Assert.Equal(1, code);
        Assert.Contains("is a store of Grid 0.1", error, StringComparison.Ordinal);
        Assert.Contains("Name an empty folder", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task A_damaged_key_ring_stops_the_start()
    {
        Directory.CreateDirectory(Path.Combine(_data, "keys"));
        await File.WriteAllTextAsync(Path.Combine(_data, "keys", "ring.json"), "{");
        var (code, _, error) = await RunAsync("", "token", "--role", "lab", "--subject", "x");

        Assert.Equal(1, code);
        Assert.Contains("ring.json", error, StringComparison.Ordinal);
    }

    private AccessTokenCheck Check(string token, out Caller caller) =>
        new AccessTokens(KeyRing.Open(_data, TimeProvider.System), TimeProvider.System).Check(token, out caller);

    private async Task<(int Code, string Output, string Error)> RunAsync(string input, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _data,
        };
        // Few connections: with a low limit of open files the gateway logs a warning for more.
        string[] settings =
        [
            "--Grid:Data",
            _data,
            "--urls",
            "http://127.0.0.1:0",
            "--Grid:Gateway:ConnectionsMax",
            "1000",
        ];
        foreach (var argument in (string[])[typeof(AccessTokens).Assembly.Location, .. arguments, .. settings])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var limit = new CancellationTokenSource(RunTimeout);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new TimeoutException($"'{string.Join(' ', arguments)}' did not end.");
        }
        return (process.ExitCode, await output, await error);
    }
}
