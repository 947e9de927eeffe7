using System.Net;
using System.Text.RegularExpressions;
using Grid.Commands;
using Grid.Gateway.Tokens;
using Grid.Keys;
using Grid.Tests.Crash;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Cluster;

/// <summary>How the programs start, or explain in one line why they do not.</summary>
[Collection(ClusterCollection.Name)]
public sealed class StartTests
{
    private const string Silo = "Grid.Silo.dll";
    private const string Gateway = "Grid.Gateway.dll";

    // A TEST-NET address: no machine has it.
    private const string Elsewhere = "192.0.2.1:6379";

    [Theory]
    [InlineData("--GridEngine", "GridEngine", "Orleans", "Microsoft Orleans is the only engine")]
    [InlineData("--cluster", null, "city", "Grid:Cluster:Redis and Grid:Postgres")]
    [InlineData("--Grid:Cluster:Role", "Grid__Cluster__Role", "Silo", "Use Grid:Role")]
    [InlineData("--Grid:Cluster", "Grid__Cluster", "redis:6379", "Use Grid:Cluster:Redis")]
    [InlineData("--Grid:Redis", "Grid__Redis", "redis:6379", "Use Grid:Cluster:Redis")]
    [InlineData("--Grid:Cluster:Tls:Folder", "Grid__Cluster__Tls__Folder", "tls", "Use Grid:Cluster:Tls:Certificate")]
    public async Task A_setting_of_the_release_before_stops_both_programs_and_says_what_to_set(
        string option,
        string? variable,
        string value,
        string reason
    )
    {
        using var folder = new TemporaryFolder();
        string[] data = ["--Grid:Data", folder.Path];
        var runs = new List<Task<CommandEnd>>();
        foreach (var program in new[] { Silo, Gateway })
        {
            runs.Add(GatewayCommand.RunProgramAsync(program, [option, value, .. data]));
            if (variable is not null)
                runs.Add(GatewayCommand.RunProgramAsync(program, data, (variable, value)));
        }

        Assert.All(await Task.WhenAll(runs), end => end.FailedInOneLine(reason));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task An_environment_variable_named_cluster_is_ignored()
    {
        using var folder = new TemporaryFolder();
        var end = await GatewayCommand.RunProgramAsync(Silo, ["--Grid:Data", folder.Path], ("CLUSTER", "production"));
        end.FailedInOneLine("Grid:Role=Silo needs Grid:Cluster:Redis");
    }

    [Fact]
    public async Task An_impossible_start_ends_with_one_line()
    {
        using var folder = new TemporaryFolder();
        string[] data = ["--Grid:Data", folder.Path];
        string[] nobody =
        [
            .. data,
            "--Grid:Cluster:StartTimeout",
            "00:00:00.300",
            "--Grid:Cluster:Redis",
            "127.0.0.1:1",
            "--Grid:Postgres",
            "Host=127.0.0.1;Port=1",
        ];
        string[] plain = [.. data, "--Grid:Cluster:Redis", Elsewhere, "--Grid:Postgres", "Host=db"];
        string[] halfTls = [.. plain, "--Grid:Cluster:Tls:Certificate", "tls.crt"];
        string[] noFiles = [.. halfTls, "--Grid:Cluster:Tls:Key", "tls.key", "--Grid:Cluster:Tls:Authority", "ca.crt"];
        (string Program, string[] Settings, string Reason)[] starts =
        [
            (Silo, data, "Grid:Role=Silo needs Grid:Cluster:Redis"),
            (Gateway, [.. data, "--Grid:Role", "Gateway"], "Grid:Role=Gateway needs Grid:Cluster:Redis"),
            (Gateway, [.. data, "--Grid:Role", "Manager"], "Grid:Role is one of All, Silo, Gateway, Client"),
            (Gateway, [.. data, "--Grid:Cluster:Redis", "127.0.0.1:1"], "Grid:Cluster:Redis needs Grid:Postgres"),
            (Silo, plain, "Members on several machines talk by TLS"),
            (Gateway, [.. plain, "--Grid:Role", "Client"], "Members on several machines talk by TLS"),
            (Silo, halfTls, "Grid:Cluster:Tls needs all three"),
            (Silo, noFiles, "the certificate, its key or the authority can't be used"),
        ];
        var ends = await Task.WhenAll(
            starts.Select(async start =>
                (await GatewayCommand.RunProgramAsync(start.Program, start.Settings), start.Reason)
            )
        );
        Assert.All(ends, static end => end.Item1.FailedInOneLine(end.Reason));

        var former = await GatewayCommand.RunProgramAsync(Silo, ["certificates"]);
        former.FailedInOneLine("The command certificates is of 0.1", CommandLine.WrongUsage);
        var unknown = await GatewayCommand.RunProgramAsync(Silo, ["serve"]);
        unknown.FailedInOneLine("there are migrate, backup, restore, verify", CommandLine.WrongUsage);

        var waited = await Task.WhenAll(
            GatewayCommand.RunProgramAsync(Silo, nobody),
            GatewayCommand.RunProgramAsync(Gateway, [.. nobody, "--Grid:Role", "Gateway"])
        );
        Assert.All(waited, static end =>
        {
            Assert.Equal(1, end.ExitCode);
            Assert.Contains(
                "did not answer within 0.3 s (Grid:Cluster:StartTimeout).",
                end.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1],
                StringComparison.Ordinal
            );
            Assert.DoesNotContain("   at ", end.Error, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData(Silo)]
    [InlineData(Gateway)]
    public async Task A_second_process_on_one_data_folder_is_refused_in_one_line(string program)
    {
        using var folder = new TemporaryFolder();
        using var first = await GridProcess.Start(folder.Path);
        var second = await GatewayCommand.RunProgramAsync(
            program,
            ["--Grid:Role", "All", "--urls", "http://127.0.0.1:0", "--Grid:Data", folder.Path]
        );
        second.FailedInOneLine("is written by another process");
        Assert.True(await first.IsReadyAsync());
    }

    [RedisFact]
    public async Task A_start_does_not_wait_for_a_database_that_refuses()
    {
        using var folder = new TemporaryFolder();
        using var redis = new RedisServer();
        using var postgres = new PostgresServer();
        var end = await GatewayCommand.RunProgramAsync(
            Silo,
            [
                "--Grid:Data",
                folder.Path,
                "--Grid:Cluster:Redis",
                redis.ConnectionString,
                "--Grid:Postgres",
                postgres.CreateDatabase() + "_none",
            ]
        );
        end.FailedInOneLine("can't be used: it refuses the connection: 3D000");
    }

    [RedisFact]
    public async Task A_gateway_with_another_key_ring_than_the_silos_ends_in_one_line()
    {
        using var house = new ClusterHouse();
        using var other = new TemporaryFolder();
        KeyRing.Open(other.Path, TimeProvider.System);
        await house.Silo().ReadyAsync();
        string[] cluster =
        [
            .. house.Settings[2..],
            "--urls",
            "http://127.0.0.1:0",
            "--Grid:Gateway:ConnectionsMax",
            "1000",
        ];
        foreach (var role in new[] { "Gateway", "Client" })
        {
            var end = await GatewayCommand.RunAsync([.. cluster, "--Grid:Data", other.Path, "--Grid:Role", role]);
            Assert.Equal(1, end.ExitCode);
            Assert.Contains(
                "The silos have another key ring than",
                end.Error.TrimEnd().Split('\n')[^1],
                StringComparison.Ordinal
            );
            Assert.DoesNotContain("   at ", end.Error, StringComparison.Ordinal);
        }

        using var less = new TemporaryFolder();
        Assert.Equal(
            0,
            (await GatewayCommand.RunAsync("keys", "gateway", "--to", less.Path, "--Grid:Data", house.Folder)).ExitCode
        );
        await house.Gateway("Gateway", "--Grid:Data", less.Path).ReadyAsync();
        var silo = await GatewayCommand.RunProgramAsync("Grid.Silo.dll", [.. cluster, "--Grid:Data", less.Path]);
        Assert.Equal(1, silo.ExitCode);
        Assert.Contains("it is the ring of a gateway", silo.Error.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
    }

    [RedisFact]
    public async Task Processes_and_servers_start_in_any_order_and_each_missing_server_is_logged_once()
    {
        using var house = new ClusterHouse(RedisServer.Later(), new PostgresServer());
        house.Postgres.Kill();
        GridProcess[] processes = [house.Gateway("Client"), house.Gateway("Gateway"), house.Silo()];
        foreach (var process in processes)
            await house.EventuallyAsync(
                () => Task.FromResult(process.Log.Contains("Redis at ", StringComparison.Ordinal)),
                "it waits for Redis"
            );
        await house.EventuallyAsync(
            () => Task.FromResult(processes[^1].Log.Contains("PostgreSQL at ", StringComparison.Ordinal)),
            "the silo waits for PostgreSQL"
        );
        Assert.DoesNotContain("   at ", house.Said(), StringComparison.Ordinal);

        house.Redis.Start();
        // A client waits for a silo; a gateway that is a member is live but not ready.
        await house.EventuallyAsync(
            () =>
                Task.FromResult(
                    processes[0].Log.Contains("No silo of the cluster grid answers", StringComparison.Ordinal)
                ),
            "the client waits for a silo"
        );
        await house.EventuallyAsync(
            () => IsRefusedAsync(processes[1], house.Folder),
            "a gateway without silos refuses"
        );
        Assert.False(await processes[1].IsReadyAsync());
        house.Postgres.Start();
        await Task.WhenAll(processes.Select(static process => process.ReadyAsync()));

        Assert.All(processes, static process =>
            Assert.Single(Regex.Matches(process.Log, "Redis at .* does not answer"))
        );
        Assert.Single(Regex.Matches(processes[^1].Log, "PostgreSQL at .* does not answer"));
        Assert.Single(Regex.Matches(processes[0].Log, "No silo of the cluster grid answers"));
    }

    /// <summary>Whether a process is live and refuses a phone's request with Retry-After.</summary>
    private static async Task<bool> IsRefusedAsync(GridProcess process, string folder)
    {
        var minter = new AccessTokens(KeyRing.Open(folder, TimeProvider.System), TimeProvider.System);
        var token = minter.Mint(Role.Resident, $"{Guid.NewGuid()}", TimeSpan.FromHours(1)).Token;
        using var request = GridCalls.Display(token).Request();
        try
        {
            using var answer = await process.Http.SendAsync(request);
            Assert.True(
                answer is { StatusCode: HttpStatusCode.ServiceUnavailable, Headers.RetryAfter: not null },
                $"{answer.StatusCode} {await answer.Content.ReadAsStringAsync()}"
            );
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
