using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Cluster;

/// <summary>A process of a cluster over one data folder, as its users start it: a silo, or a gateway without grains.</summary>
internal sealed partial class ClusterProcess : IDisposable
{
    internal const int UsualPolicy = 0;
    internal const int BatchPolicy = 3;

    private const int SignalContinue = 18;
    private const int SignalStop = 19;
    private const int SignalTerminate = 15;

    private static readonly TimeSpan s_startMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_answerMax = TimeSpan.FromSeconds(20);

    private readonly Process _process;
    private readonly Queue<string> _said = new();

    private ClusterProcess(ProcessStartInfo start, HttpClient http)
    {
        Http = http;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    internal HttpClient Http { get; }

    /// <summary>The last that it said.</summary>
    internal string Said
    {
        get
        {
            lock (_said)
            {
                return string.Join('\n', _said);
            }
        }
    }

    /// <summary>By which policy Linux schedules each of its threads: field 41 of its line in proc(5), the second of which may hold spaces.</summary>
    internal IReadOnlyList<int> Policies() =>
    [
        .. Directory.EnumerateDirectories($"/proc/{_process.Id}/task").Select(PolicyOf).OfType<int>(),
    ];

    private static int? PolicyOf(string thread)
    {
        try
        {
            var line = File.ReadAllText(Path.Combine(thread, "stat"));
            return int.Parse(line[(line.LastIndexOf(')') + 2)..].Split(' ')[41 - 3], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            // It has ended since it was listed.
            return null;
        }
    }

    internal bool HasExited => _process.HasExited;

    internal static ClusterProcess Silo(string folder, string name, params string[] settings) =>
        SiloOf(AppContext.BaseDirectory, folder, name, settings);

    internal static ClusterProcess Gateway(string folder, params string[] settings) => GatewayOf(AppContext.BaseDirectory, folder, settings);

    /// <summary>A silo of the build whose programs lie in a folder.</summary>
    internal static ClusterProcess SiloOf(string programs, string folder, string name, params string[] settings) =>
        Begin(programs, "Grid.Silo.dll", ["--cluster", folder, "--port", "0", $"--Grid:Cluster:Name={name}", .. settings]);

    /// <summary>A gateway likewise.</summary>
    internal static ClusterProcess GatewayOf(string programs, string folder, params string[] settings) =>
        Begin(programs, "Grid.Gateway.dll", ["--Grid:Cluster:Role=Client", $"--Grid:Data={folder}", .. settings]);

    /// <summary>A gateway that is a silo too.</summary>
    internal static ClusterProcess JoinedGateway(string folder, string name) =>
        Begin(AppContext.BaseDirectory, "Grid.Gateway.dll", ["--Grid:Cluster:Role=Silo", $"--Grid:Cluster:Name={name}", $"--Grid:Data={folder}"]);

    /// <summary>A gateway on a machine of a network; of role Silo it is a silo too. Its client sits at the same machine.</summary>
    internal static ClusterProcess On(CuttableNetwork.Machine machine, string folder, string role, string name, params string[] settings)
    {
        var url = $"http://{machine.Address}:8080";
        string[] arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "Grid.Gateway.dll"), "--urls", url, $"--Grid:Data={folder}", $"--Grid:Cluster:Role={role}",
            $"--Grid:Cluster:Name={name}", $"--Grid:Cluster:Listen={machine.Address}", .. settings,
        ];
        return new ClusterProcess(machine.Inside.Start("dotnet", arguments), machine.Inside.Client(new Uri(url), s_answerMax));
    }

    /// <summary>Returns when the process says that it is ready.</summary>
    internal async Task ReadyAsync()
    {
        var waited = Stopwatch.StartNew();
        while (!await IsReadyAsync())
        {
            if (_process.HasExited || waited.Elapsed > s_startMax)
                throw new InvalidOperationException($"The process did not become ready: {Said}");
            await Task.Delay(s_poll);
        }
    }

    internal async Task<bool> IsReadyAsync()
    {
        try
        {
            return (await Http.GetAsync("/readyz")).StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>SIGKILL: nothing is flushed, nothing is said.</summary>
    internal void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>SIGSTOP: it stands still in the middle of whatever it does.</summary>
    internal void Freeze() => Send(SignalStop);

    /// <summary>SIGCONT, of which a process that is no more hears nothing.</summary>
    internal void Thaw() => _ = Signal(_process.Id, SignalContinue);

    /// <summary>Returns its exit code when it ends by itself.</summary>
    internal async Task<int> EndAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(s_startMax);
        return _process.ExitCode;
    }

    /// <summary>SIGTERM: it may leave in order. Completes when it has ended.</summary>
    internal async Task StopAsync()
    {
        Send(SignalTerminate);
        await _process.WaitForExitAsync().WaitAsync(s_startMax);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();
        _process.Dispose();
        Http.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Signal(int process, int signal);

    private static ClusterProcess Begin(string programs, string program, string[] arguments)
    {
        var url = $"http://127.0.0.1:{FreePort()}";
        var start = new ProcessStartInfo("dotnet", [Path.Combine(programs, program), "--urls", url, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return new ClusterProcess(start, new HttpClient { BaseAddress = new Uri(url), Timeout = s_answerMax });
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void Send(int signal)
    {
        if (Signal(_process.Id, signal) != 0)
            throw new InvalidOperationException($"Signal {signal} could not be sent: errno {Marshal.GetLastPInvokeError()}.");
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        lock (_said)
        {
            _said.Enqueue(line);
            if (_said.Count > 200)
                _said.Dequeue();
        }
    }
}
