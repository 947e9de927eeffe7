using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Grid.Tests.Cluster;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Crash;

/// <summary>
/// The programs as users start them: a process of the gateway or of a silo, on a free port of this machine or in a
/// test's network.
/// </summary>
internal sealed partial class GridProcess : IDisposable
{
    private const int SignalTerminate = 15,
        SignalContinue = 18,
        SignalStop = 19;
    private const int LogLines = 200;
    private static readonly TimeSpan MaxStartTime = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan MaxAnswerTime = TimeSpan.FromSeconds(20);

    private readonly Process _process;
    private readonly List<string> _said = [];

    private GridProcess(ProcessStartInfo start, HttpClient http)
    {
        Http = http;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public HttpClient Http { get; }

    /// <summary>The CPU time that the process has used.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>The lines of its output.</summary>
    public string[] Said
    {
        get
        {
            lock (_said)
            {
                return [.. _said];
            }
        }
    }

    /// <summary>The last lines of its output as one text.</summary>
    internal string Log => string.Join('\n', Said.TakeLast(LogLines));

    internal bool HasExited => _process.HasExited;

    internal int Id => _process.Id;

    /// <summary>Starts a gateway on a data folder; returns when it logs that it is ready.</summary>
    public static Task<GridProcess> Start(string dataFolder, params string[] settings) =>
        StartWith([], dataFolder, settings);

    /// <summary>Starts a gateway by another command, which continues as the gateway.</summary>
    public static async Task<GridProcess> StartWith(string[] command, string dataFolder, params string[] settings)
    {
        var grid = Begin("Grid.Gateway.dll", ["--Grid:Data", dataFolder, .. settings], command);
        try
        {
            await grid.ReadyAsync();
            return grid;
        }
        catch
        {
            grid.Dispose();
            throw;
        }
    }

    /// <summary>Starts a gateway without waiting for it.</summary>
    internal static GridProcess Gateway(params string[] settings) => Begin("Grid.Gateway.dll", settings);

    /// <summary>Starts a silo without waiting for it.</summary>
    internal static GridProcess Silo(params string[] settings) => Begin("Grid.Silo.dll", settings);

    /// <summary>Starts a gateway of the programs in another folder: those of another release.</summary>
    internal static GridProcess GatewayOf(string programs, params string[] settings) =>
        Begin(Path.Combine(programs, "Grid.Gateway.dll"), settings);

    /// <summary>Starts a silo of the programs in another folder.</summary>
    internal static GridProcess SiloOf(string programs, params string[] settings) =>
        Begin(Path.Combine(programs, "Grid.Silo.dll"), settings);

    /// <summary>Starts a gateway on a machine of a network. Its client runs on the same machine.</summary>
    internal static GridProcess On(CuttableNetwork.Machine machine, string programs, params string[] settings)
    {
        var url = $"http://{machine.Address}:8080";
        string[] arguments = [Path.Combine(programs, "Grid.Gateway.dll"), "--urls", url, .. settings];
        return new GridProcess(
            machine.Inside.Start("dotnet", arguments),
            machine.Inside.Client(new Uri(url), MaxAnswerTime)
        );
    }

    /// <summary>Returns when the process logs that it is ready.</summary>
    internal async Task ReadyAsync()
    {
        var isReady = false;
        await Waiting.UntilAsync(
            async () => (isReady = await IsReadyAsync()) || _process.HasExited,
            "the process is ready",
            MaxStartTime,
            () => Log
        );
        if (!isReady)
            throw new InvalidOperationException($"The process ended before it was ready: {Log}");
    }

    internal async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await Http.GetAsync("/readyz");
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>A metric's value, or the sum over its labels; null if the process has no metric of that name.</summary>
    internal async Task<double?> MetricAsync(string name)
    {
        var text = await Http.GetStringAsync("/metrics");
        var values = Regex
            .Matches(text, $"(?m)^{name}(\\{{[^}}]*\\}})? ([0-9.eE+-]+)")
            .Select(static match =>
                double.Parse(match.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture)
            )
            .ToArray();
        return values.Length == 0 ? null : values.Sum();
    }

    /// <summary>SIGKILL: nothing is flushed or logged.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>SIGSTOP: suspends the process at any instruction.</summary>
    internal void Freeze() => Send(SignalStop);

    /// <summary>SIGCONT; no error if the process has ended.</summary>
    internal void Thaw() => _ = Signal(_process.Id, SignalContinue);

    /// <summary>SIGTERM: a graceful shutdown. Returns the exit code.</summary>
    internal Task<int> StopAsync()
    {
        Send(SignalTerminate);
        return EndAsync();
    }

    /// <summary>Waits for the process to end by itself. Returns the exit code.</summary>
    internal async Task<int> EndAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(MaxStartTime);
        return _process.ExitCode;
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

    private static GridProcess Begin(string program, string[] settings, string[]? command = null)
    {
        var url = $"http://127.0.0.1:{Ports.Free()}";
        string[] line = [.. command ?? [], "dotnet", PathOf(program), "--urls", url, .. settings];
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return new GridProcess(start, new HttpClient { BaseAddress = new Uri(url), Timeout = MaxAnswerTime });
    }

    private static string PathOf(string program) => Path.Combine(AppContext.BaseDirectory, program);

    private void Send(int signal)
    {
        if (Signal(_process.Id, signal) != 0)
            throw new InvalidOperationException(
                $"Signal {signal} could not be sent: errno {Marshal.GetLastPInvokeError()}."
            );
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        lock (_said)
        {
            _said.Add(line);
        }
    }
}
