using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Grid.Bench.Load.Processes;

/// <summary>
/// A server that this tool started: its output goes to a file, it is ready when its port accepts connections, and it is
/// ended by process id, never by name.
/// </summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(20);

    private readonly Process _process;
    private readonly StreamWriter _log;
    private readonly string _logFile;

    private ServerProcess(Process process, string name, string logFile)
    {
        _process = process;
        Name = name;
        _logFile = logFile;
        _log = new StreamWriter(logFile, append: false) { AutoFlush = true };
        process.OutputDataReceived += Log;
        process.ErrorDataReceived += Log;
    }

    public string Name { get; }

    /// <summary>The signal that asks the process to exit; SIGTERM unless the program expects another.</summary>
    public int StopSignal { get; init; } = Signal.Terminate;

    public int Pid => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Starts another program of this repository: a dll through dotnet.</summary>
    public static (string File, string[] Arguments) Dotnet(string dll, params string[] arguments) =>
        (DotnetPath, [dll, .. arguments]);

    private static string DotnetPath =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet";

    public static ServerProcess Start(
        string name,
        (string File, string[] Arguments) command,
        string logFile,
        int stopSignal = Signal.Terminate
    )
    {
        var start = new ProcessStartInfo(command.File, command.Arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        // As in the images; for the ceiling and the baselines as well.
        start.Environment["DOTNET_GCgen0size"] = "0x4000000";
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{name} could not be started");
        var server = new ServerProcess(process, name, logFile) { StopSignal = stopSignal };
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return server;
    }

    /// <summary>A port that is free now.</summary>
    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>Waits until the port accepts connections and the probe, if there is one, succeeds.</summary>
    public async Task UntilReadyAsync(
        int port,
        TimeSpan atMost,
        CancellationToken stop,
        Func<CancellationToken, Task<bool>>? probe = null
    )
    {
        var since = Stopwatch.GetTimestamp();
        while (!stop.IsCancellationRequested)
        {
            if (HasExited)
                throw new CommandLine.LoadException(
                    $"{Name} ended during its start with exit code {_process.ExitCode}; see {_logFile}"
                );
            if (Stopwatch.GetElapsedTime(since) > atMost)
                throw new CommandLine.LoadException(
                    $"{Name} was not ready after {atMost.TotalSeconds:0} s; see {_logFile}"
                );
            if (await TakesConnectionsAsync(port, stop) && (probe is null || await probe(stop)))
                return;
            await Task.Delay(100, stop);
        }
        stop.ThrowIfCancellationRequested();
    }

    private static async Task<bool> TakesConnectionsAsync(int port, CancellationToken stop)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, stop);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Runs a program of this repository to its end.</summary>
    /// <param name="name">Its name in messages, and of the file for its output.</param>
    /// <param name="dll">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="logs">The folder of that file.</param>
    /// <param name="atMost">The timeout.</param>
    /// <param name="stop">Ends it.</param>
    public static async Task RunAsync(
        string name,
        string dll,
        string[] arguments,
        string logs,
        TimeSpan atMost,
        CancellationToken stop
    )
    {
        var log = Path.Combine(logs, $"{name}.log");
        await using var process = Start(name, Dotnet(dll, arguments), log);
        await process._process.WaitForExitAsync(stop).WaitAsync(atMost, stop);
        if (process._process.ExitCode != 0)
            throw new CommandLine.LoadException($"{name} ended with exit code {process._process.ExitCode}; see {log}");
    }

    /// <summary>Whether a page of the server answers 200.</summary>
    public static async Task<bool> IsOkAsync(HttpClient http, string page, CancellationToken stop)
    {
        try
        {
            using var response = await http.GetAsync(page, stop);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>Asks the process to exit and waits for it.</summary>
    /// <returns>How long the exit took; null on timeout.</returns>
    public async Task<TimeSpan?> StopAsync(TimeSpan atMost, CancellationToken stop)
    {
        var since = Stopwatch.GetTimestamp();
        Signal.Send(_process.Id, StopSignal);
        try
        {
            await _process.WaitForExitAsync(stop).WaitAsync(atMost, stop);
            return Stopwatch.GetElapsedTime(since);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    /// <summary>Asks the process to exit, and kills it by its id if it does not.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            if (!OperatingSystem.IsWindows())
                Signal.Send(_process.Id, StopSignal);
            else
                _process.Kill();
            using var grace = new CancellationTokenSource(StopGrace);
            try
            {
                await _process.WaitForExitAsync(grace.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
                await _process.WaitForExitAsync();
            }
        }
        _process.Dispose();
        await _log.DisposeAsync();
    }

    /// <summary>The server's output so far.</summary>
    public string ReadLog()
    {
        lock (_log)
            return File.ReadAllText(_logFile);
    }

    private void Log(object sender, DataReceivedEventArgs line)
    {
        lock (_log)
        {
            if (line.Data is not null && _log.BaseStream is not null)
                _log.WriteLine(line.Data);
        }
    }
}
