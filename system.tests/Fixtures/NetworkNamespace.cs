using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Grid.Tests.Fixtures;

/// <summary>
/// A test's own network namespace. It has no name and no file, only an open handle, so that the kernel removes it with
/// its last process, however the test ends.
/// </summary>
internal sealed partial class NetworkNamespace : IDisposable
{
    private const int CloneNewNet = 0x40000000;
    private static readonly TimeSpan StepTimeout = TimeSpan.FromSeconds(10);

    private readonly SafeFileHandle _handle;

    internal NetworkNamespace()
    {
        _handle = OnThreadOfItsOwn(static () =>
        {
            Check(Unshare(CloneNewNet));
            return File.OpenHandle("/proc/thread-self/ns/net");
        });
        Ip("link", "set", "lo", "up");
    }

    /// <summary>The path for programs, valid while this process runs.</summary>
    internal string Path => $"/proc/{Environment.ProcessId}/fd/{_handle.DangerousGetHandle()}";

    /// <summary>
    /// Start information for a program in this namespace. The process is the program itself from the start.
    /// </summary>
    internal ProcessStartInfo Start(string program, params string[] arguments) =>
        new("nsenter", [$"--net={Path}", "--", program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

    /// <summary>Runs iproute2's <c>ip</c> in the namespace.</summary>
    internal void Ip(params string[] arguments)
    {
        using var process = Process.Start(Start("ip", arguments))!;
        var said = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(StepTimeout))
            process.Kill();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"ip {string.Join(' ', arguments)} failed: {said.Result}");
    }

    /// <summary>A client that connects from inside the namespace.</summary>
    internal HttpClient Client(Uri url, TimeSpan timeout) =>
        new(new SocketsHttpHandler { ConnectCallback = ConnectAsync, UseProxy = false })
        {
            BaseAddress = url,
            Timeout = timeout,
        };

    public void Dispose() => _handle.Dispose();

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        // A socket stays in the namespace in which it was created.
        var socket = OnThreadOfItsOwn(() =>
        {
            Check(SetNamespace(_handle, CloneNewNet));
            return new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        });
        try
        {
            await socket.ConnectAsync(
                new IPEndPoint(IPAddress.Parse(context.DnsEndPoint.Host), context.DnsEndPoint.Port),
                cancellation
            );
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // A thread whose namespace changed must not return to the pool.
    private static T OnThreadOfItsOwn<T>(Func<T> make)
    {
        var made = new TaskCompletionSource<T>();
        var thread = new Thread(() =>
        {
            try
            {
                made.SetResult(make());
            }
            catch (Exception exception)
            {
                made.SetException(exception);
            }
        });
        thread.Start();
        thread.Join();
        return made.Task.GetAwaiter().GetResult();
    }

    private static void Check(int result)
    {
        if (result != 0)
            throw new InvalidOperationException($"No network namespace: errno {Marshal.GetLastPInvokeError()}.");
    }

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    private static partial int Unshare(int flags);

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(SafeFileHandle handle, int kind);
}
