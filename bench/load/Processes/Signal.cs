using System.Runtime.InteropServices;

namespace Grid.Bench.Load.Processes;

/// <summary>Signals to processes that this tool started.</summary>
internal static partial class Signal
{
    public const int Interrupt = 2;
    public const int Terminate = 15;

    public static void Send(int pid, int signal) => Kill(pid, signal);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
