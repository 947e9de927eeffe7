using System.Runtime.InteropServices;

namespace Grid.Bench.Load.Processes;

/// <summary>Signals to processes that this tool started.</summary>
internal static partial class Signal
{
    private const int SigTerm = 15;

    public static void Terminate(int pid) => Kill(pid, SigTerm);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
