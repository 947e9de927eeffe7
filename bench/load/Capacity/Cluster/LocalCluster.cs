using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Grid.Bench.Load.CommandLine;
using Grid.Bench.Load.Processes;

namespace Grid.Bench.Load.Capacity.Cluster;

/// <summary>Silos and a gateway on this machine, started by this tool and ended by process id.</summary>
internal sealed partial class LocalCluster : IAsyncDisposable
{
    private static readonly TimeSpan MaxReady = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan MaxActivated = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    private readonly ClusterCommands _commands;
    private readonly HttpClient _http;
    private readonly List<(Member Member, ServerProcess Process)> _silos = [];
    private readonly List<(Member Member, ServerProcess Process)> _moreGateways = [];
    private ServerProcess? _gateway;
    private int _started;

    private LocalCluster(ClusterCommands commands, ClusterPlace place, string logs, int silos, HttpClient http)
    {
        (_commands, Place, Logs, Silos, _http) = (commands, place, logs, silos, http);
    }

    public ClusterPlace Place { get; }

    public string Logs { get; }

    /// <summary>Number of silos at the start; 0: the gateway hosts the grains.</summary>
    public int Silos { get; }

    public IPEndPoint Server { get; private set; } = new(IPAddress.Loopback, 0);

    public Member Gateway { get; private set; } = null!;

    public IReadOnlyList<Member> Members => [Gateway, .. _silos.Select(silo => silo.Member)];

    public IReadOnlyList<Member> SiloMembers => [.. _silos.Select(silo => silo.Member)];

    public static async Task<LocalCluster> StartAsync(
        ClusterCommands commands,
        ClusterPlace place,
        string logs,
        int silos,
        HttpClient http,
        CancellationToken stop
    )
    {
        var cluster = new LocalCluster(commands, place, logs, silos, http);
        try
        {
            await Task.WhenAll(Enumerable.Range(0, silos).Select(_ => cluster.AddSiloAsync(stop)));
            await cluster.StartGatewayAsync(stop);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts one more silo and waits until it is ready.</summary>
    public async Task<Member> AddSiloAsync(CancellationToken stop)
    {
        var name = $"silo-{Interlocked.Increment(ref _started)}";
        var (port, siloPort) = (ServerProcess.FreePort(), ServerProcess.FreePort());
        var url = $"http://127.0.0.1:{port}";
        var process = Start(name, _commands.Silo, _commands.SiloOf(Place, siloPort, url));
        var member = new Member(name, MemberRole.Silo, url, process.Pid, siloPort);
        lock (_silos)
            _silos.Add((member, process));
        await UntilReadyAsync(process, port, stop);
        return member;
    }

    private async Task StartGatewayAsync(CancellationToken stop)
    {
        var port = ServerProcess.FreePort();
        var url = $"http://127.0.0.1:{port}";
        var arguments = Silos == 0 ? _commands.LoneGateway(Place, url) : _commands.GatewayOf(Place, url);
        _gateway = Start("gateway", _commands.Gateway, arguments);
        Server = new IPEndPoint(IPAddress.Loopback, port);
        Gateway = new Member("gateway", MemberRole.Gateway, url, _gateway.Pid);
        await UntilReadyAsync(_gateway, port, stop);
    }

    /// <summary>
    /// Starts one more gateway and waits until it is ready; one in a cluster of its own is never ready, so waits until
    /// it is live.
    /// </summary>
    public async Task<Member> AddGatewayAsync(bool isElsewhere, CancellationToken stop)
    {
        var name = $"gateway-{Interlocked.Increment(ref _started)}";
        var port = ServerProcess.FreePort();
        var url = $"http://127.0.0.1:{port}";
        var place = isElsewhere ? Place with { Id = $"{Place.Id}-elsewhere" } : Place;
        var process = Start(name, _commands.Gateway, _commands.GatewayOf(place, url));
        var member = new Member(name, MemberRole.Gateway, url, process.Pid);
        _moreGateways.Add((member, process));
        await UntilReadyAsync(process, port, stop, isElsewhere ? "livez" : "readyz");
        return member;
    }

    /// <summary>Ends an added gateway with SIGTERM.</summary>
    public async Task EndGatewayAsync(Member gateway)
    {
        var at = _moreGateways.FindIndex(each => each.Member == gateway);
        var process = _moreGateways[at].Process;
        _moreGateways.RemoveAt(at);
        await process.DisposeAsync();
    }

    /// <summary>
    /// Waits until the silos have activated this number of residents. Each silo logs its number at the start.
    /// </summary>
    public async Task UntilActivatedAsync(int residents, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(MaxActivated);
        while (true)
        {
            var counts = _silos.Select(static silo => Activated().Match(silo.Process.ReadLog())).ToArray();
            if (counts.All(static said => said.Success))
            {
                var sum = counts.Sum(static said => long.Parse(said.Groups[1].Value, CultureInfo.InvariantCulture));
                if (sum < residents)
                    throw new LoadException($"the silos activated {sum:N0} of {residents:N0} residents at their start");
                return;
            }

            await Task.Delay(Look, limit.Token);
        }
    }

    /// <summary>Reads the number of activations in a silo's memory from its metrics.</summary>
    public async Task<long> ActivationsAsync(Member silo, CancellationToken stop) =>
        (long)
            MetricsText
                .Parse(await _http.GetStringAsync($"{silo.Url}/metrics", stop))
                .Sum("orleans_catalog_activations");

    [GeneratedRegex(@"Activated (\d+) residents in")]
    private static partial Regex Activated();

    private Task UntilReadyAsync(ServerProcess process, int port, CancellationToken stop, string page = "readyz") =>
        process.UntilReadyAsync(port, MaxReady, stop, cancel =>
            ServerProcess.IsOkAsync(_http, $"http://127.0.0.1:{port}/{page}", cancel)
        );

    private ServerProcess Start(string name, string dll, string[] arguments) =>
        ServerProcess.Start(name, ServerProcess.Dotnet(dll, arguments), Path.Combine(Logs, $"{Silos}-{name}.log"));

    /// <summary>Kills a silo with SIGKILL, as a machine failure does.</summary>
    public void Kill(Member silo) => Signal.Send(silo.Pid, Signal.Kill);

    /// <summary>Stops a silo with SIGTERM.</summary>
    /// <returns>How long the silo took to exit; null on timeout.</returns>
    public Task<TimeSpan?> StopAsync(Member silo, TimeSpan atMost, CancellationToken stop) =>
        _silos.Find(each => each.Member == silo).Process.StopAsync(atMost, stop);

    /// <summary>
    /// Freezes a silo with SIGSTOP; after <see cref="Resume"/> it does not know that time has passed.
    /// </summary>
    public void Freeze(Member silo) => Signal.Send(silo.Pid, Signal.Stop);

    public void Resume(Member silo) => Signal.Send(silo.Pid, Signal.Continue);

    /// <summary>Ends the gateway first: otherwise it would call silos that are stopping.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null)
            await _gateway.DisposeAsync();
        _gateway = null;
        await Task.WhenAll(_moreGateways.Select(gateway => gateway.Process.DisposeAsync().AsTask()));
        _moreGateways.Clear();
        foreach (var (member, process) in _silos)
        {
            // A frozen process cannot handle SIGTERM.
            if (!process.HasExited)
                Resume(member);
        }
        await Task.WhenAll(_silos.Select(silo => silo.Process.DisposeAsync().AsTask()));
        _silos.Clear();
    }
}
