using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Grid.Tests.Crash;

/// <summary>The product as its users start it: a process of the gateway, or of a silo, on a free port of this machine.</summary>
internal sealed class GridProcess : IDisposable
{
    private static readonly TimeSpan StartTimeMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PollPause = TimeSpan.FromMilliseconds(20);

    private readonly Process _process;

    private readonly Queue<string> _said;

    private GridProcess(Process process, string url, Queue<string> said)
    {
        (_process, _said) = (process, said);
        Http = new HttpClient { BaseAddress = new Uri(url), Timeout = TimeSpan.FromSeconds(20) };
    }

    public HttpClient Http { get; }

    /// <summary>The processor time that it has used.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>The last lines that it wrote.</summary>
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

    /// <summary>Starts a gateway on a data folder and returns when it says that it is ready.</summary>
    public static Task<GridProcess> Start(string dataFolder, params string[] settings) =>
        StartProgram("Grid.Gateway.dll", dataFolder, settings);

    /// <summary>Starts a gateway by another command, which ends as the gateway.</summary>
    public static Task<GridProcess> StartWith(string[] command, string dataFolder, params string[] settings) =>
        StartProgram("Grid.Gateway.dll", dataFolder, settings, command);

    /// <summary>Starts a silo, likewise.</summary>
    public static Task<GridProcess> StartSilo(string dataFolder, params string[] settings) =>
        StartProgram("Grid.Silo.dll", dataFolder, settings);

    private static async Task<GridProcess> StartProgram(string program, string dataFolder, string[] settings, string[]? command = null)
    {
        var url = $"http://127.0.0.1:{FreePort()}";
        var path = Path.Combine(AppContext.BaseDirectory, program);
        string[] line = [.. command ?? [], "dotnet", path, "--urls", url, "--Grid:Data", dataFolder, .. settings];
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var process = Process.Start(start)!;
        var said = new Queue<string>();
        process.OutputDataReceived += (_, line) => Keep(said, line.Data);
        process.ErrorDataReceived += (_, line) => Keep(said, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();

        var grid = new GridProcess(process, url, said);
        var waited = Stopwatch.StartNew();
        while (!await grid.IsReady())
        {
            if (process.HasExited || waited.Elapsed > StartTimeMax)
            {
                grid.Dispose();
                throw new InvalidOperationException($"{program} did not become ready: {string.Join('\n', said)}");
            }
            await Task.Delay(PollPause);
        }
        return grid;
    }

    /// <summary>SIGKILL: nothing is flushed, nothing is said.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();
        _process.Dispose();
        Http.Dispose();
    }

    private async Task<bool> IsReady()
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

    private static void Keep(Queue<string> said, string? line)
    {
        if (line is null)
            return;
        lock (said)
        {
            said.Enqueue(line);
            if (said.Count > 40)
                said.Dequeue();
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
