using System.Numerics;

namespace Grid.Keys;

/// <summary>
/// Keeps a few keyed native handles ready. The handles of OpenSSL must not be used by two threads at once and cost
/// more to make than to use (HMAC of 33 bytes: 0.45 µs with a kept handle, 1.1 µs with a fresh one), so a caller takes
/// one for the length of a call. When none is free a new one is made; what does not fit back is disposed.
/// </summary>
internal sealed class NativeHandles<T>(Func<T> make)
    where T : class, IDisposable
{
    // A slot a processor, on a cache line of its own: callers on different cores don't share one.
    private const int LineInReferences = 8;
    private static readonly int SlotMask = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(Environment.ProcessorCount, 1, 64)) - 1;

    private readonly T?[] _slots = new T?[(SlotMask + 2) * LineInReferences];

    internal T Take() => Interlocked.Exchange(ref Slot(), null) ?? make();

    internal void Return(T handle) => Interlocked.Exchange(ref Slot(), handle)?.Dispose();

    private ref T? Slot() => ref _slots[((Thread.GetCurrentProcessorId() & SlotMask) + 1) * LineInReferences];
}
