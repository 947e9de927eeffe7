using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Grid.Bench.Load.Driving;

/// <summary>
/// Linux epoll, level-triggered, each socket registered once. The sockets are non-blocking .NET sockets without
/// asynchronous operations: otherwise the runtime's own socket thread would watch them too.
/// </summary>
internal sealed unsafe partial class EpollReadiness : Readiness
{
    private const int AddOperation = 1,
        DeleteOperation = 2,
        ModifyOperation = 3;
    private const uint In = 0x001,
        Out = 0x004,
        PeerClosed = 0x2000;
    private const int Interrupted = 4,
        NotImplemented = 38;
    private const int MaxEvents = 512;

    // struct epoll_event is packed on x86 alone: 4 bytes of events, then 8 of data, at 4 or at 8.
    private static readonly bool IsPacked =
        RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86;
    private static readonly int EventSize = IsPacked ? 12 : 16;
    private static readonly int DataOffset = IsPacked ? 4 : 8;

    private readonly int _epoll;
    private readonly int _maxEvents;
    private readonly byte[] _events;
    private bool _hasNanosecondWait = true;

    public EpollReadiness(int connections)
    {
        _epoll = EpollCreate(
            0x80000 /* close on exec */
        );
        if (_epoll < 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        _maxEvents = Math.Clamp(connections, 1, MaxEvents);
        _events = GC.AllocateArray<byte>(_maxEvents * 16, pinned: true);
    }

    public override void Add(int slot, Socket socket) => Control(AddOperation, slot, socket, In | PeerClosed);

    public override void Remove(int slot, Socket socket) => Control(DeleteOperation, slot, socket, 0);

    public override void WantWrite(int slot, Socket socket, bool wanted) =>
        Control(ModifyOperation, slot, socket, In | PeerClosed | (wanted ? Out : 0));

    public override int Wait(TimeSpan timeout, Span<int> readySlots)
    {
        fixed (byte* events = _events)
        {
            var max = Math.Min(_maxEvents, readySlots.Length);
            var count = WaitFor(events, max, timeout);
            if (count < 0)
            {
                var error = Marshal.GetLastPInvokeError();
                return error == Interrupted ? 0 : throw new Win32Exception(error);
            }
            for (var i = 0; i < count; i++)
                readySlots[i] = *(int*)(events + i * EventSize + DataOffset);
            return count;
        }
    }

    // An open loop waits for fractions of a millisecond: only epoll_pwait2 can (Linux 5.11, glibc 2.35).
    private int WaitFor(byte* events, int max, TimeSpan timeout)
    {
        if (timeout <= TimeSpan.Zero)
            return EpollWait(_epoll, events, max, 0);
        if (_hasNanosecondWait)
        {
            try
            {
                var span = new TimeSpec
                {
                    Seconds = (long)timeout.TotalSeconds,
                    Nanoseconds = timeout.Ticks % TimeSpan.TicksPerSecond * 100,
                };
                var count = EpollWaitNanoseconds(_epoll, events, max, &span, null);
                if (count >= 0 || Marshal.GetLastPInvokeError() != NotImplemented)
                    return count;
            }
            catch (EntryPointNotFoundException)
            {
                // An older C library: use milliseconds.
            }
            _hasNanosecondWait = false;
        }
        return EpollWait(_epoll, events, max, (int)Math.Clamp(timeout.TotalMilliseconds, 0, 1000));
    }

    private void Control(int operation, int slot, Socket socket, uint events)
    {
        var entry = stackalloc byte[16];
        *(uint*)entry = events;
        *(long*)(entry + DataOffset) = slot;
        if (EpollControl(_epoll, operation, (int)socket.Handle, entry) < 0 && operation != DeleteOperation)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    public override void Dispose() => Close(_epoll);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int EpollControl(int epoll, int operation, int file, byte* entry);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static partial int EpollWait(int epoll, byte* events, int max, int milliseconds);

    [LibraryImport("libc", EntryPoint = "epoll_pwait2", SetLastError = true)]
    private static partial int EpollWaitNanoseconds(int epoll, byte* events, int max, TimeSpec* timeout, void* signals);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);
}
