using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Grid.Tests.Telemetry;

/// <summary>
/// A gateway process that says all it can: every level of the log, every request traced, metrics and traces sent to a
/// collector in the test. What it said is kept as it was said.
/// </summary>
internal sealed class LoggedGateway : IAsyncDisposable
{
    private const int SigTerm = 15;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly StringBuilder _log = new();
    private readonly MemoryStream _sent = new();
    private readonly WebApplication _collector;
    private Process? _process;

    private LoggedGateway(WebApplication collector) => _collector = collector;

    internal HttpClient Http { get; } = new() { Timeout = Patience };

    /// <summary>Everything that was logged.</summary>
    internal string Log
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    /// <summary>Everything that was sent by OTLP, as it came.</summary>
    internal byte[] Sent
    {
        get
        {
            lock (_sent)
                return _sent.ToArray();
        }
    }

    internal static async Task<LoggedGateway> StartAsync(string dataFolder, params string[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var collector = builder.Build();
        var gateway = new LoggedGateway(collector);
        collector.Run(gateway.CollectAsync);
        await collector.StartAsync().WaitAsync(Patience);
        await gateway.RunAsync(collector.Urls.Single(), dataFolder, settings);
        return gateway;
    }

    /// <summary>Asks it to end, and waits until it has sent and logged the rest.</summary>
    internal async Task StopAsync()
    {
        if (_process is not { HasExited: false } process)
            return;
        Assert.Equal(0, Kill(process.Id, SigTerm));
        try
        {
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            process.Kill();
            throw new TimeoutException($"The gateway did not end: {Log}");
        }
        // Also the end of its output.
        process.WaitForExit();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process?.Dispose();
        Http.Dispose();
        await _collector.DisposeAsync();
        await _sent.DisposeAsync();
    }

    private async Task RunAsync(string collector, string dataFolder, string[] settings)
    {
        var start = new ProcessStartInfo(
            "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "Grid.Gateway.dll"), "--urls", "http://127.0.0.1:0", "--Grid:Data", dataFolder, .. settings])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector;
        start.Environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        start.Environment["OTEL_METRIC_EXPORT_INTERVAL"] = "500";
        start.Environment["OTEL_BSP_SCHEDULE_DELAY"] = "200";
        var listens = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data, listens);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data, listens);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        try
        {
            Http.BaseAddress = new Uri(await listens.Task.WaitAsync(Patience));
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"The gateway did not say where it listens: {Log}");
        }
    }

    private void Keep(string? line, TaskCompletionSource<string> listens)
    {
        if (line is null)
            return;
        lock (_log)
            _log.Append(line).Append('\n');
        const string Listening = "Now listening on: ";
        if (line.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var at)
            listens.TrySetResult(line[(at + Listening.Length)..].Split('"', ' ')[0]);
    }

    private async Task CollectAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        lock (_sent)
            body.WriteTo(_sent);
        context.Response.StatusCode = (int)HttpStatusCode.OK;
        context.Response.ContentType = "application/x-protobuf";
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);
}
