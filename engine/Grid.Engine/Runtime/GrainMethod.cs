using System.Reflection;

namespace Grid.Engine.Runtime;

/// <summary>How calls of a method share an activation with others.</summary>
public enum GrainMethodKind : byte
{
    /// <summary>Alone.</summary>
    Exclusive,

    /// <summary>Beside others of its kind, at their awaits.</summary>
    ReadOnly,

    /// <summary>Beside any other, at its awaits.</summary>
    Interleave,
}

/// <summary>A method of a grain interface, made once by generated code.</summary>
public sealed class GrainMethod
{
    internal readonly int Blockers;
    internal readonly int Unit;
    internal readonly int EnterDelta;
    private readonly TimeSpan _timeout;
    private readonly Type[] _parameterTypes;
    private MethodInfo? _info;

    /// <param name="interfaceType">The interface that declares it.</param>
    /// <param name="name">Its name.</param>
    /// <param name="id">Names it between silos; hash of the names of interface, method and parameter types.</param>
    /// <param name="kind">What it interleaves with.</param>
    /// <param name="isReadOnly">Whether it changes nothing, and may be made again when an answer was lost.</param>
    /// <param name="timeoutTicks">Its own time-out in ticks of 100 ns, or 0 for the engine's.</param>
    /// <param name="parameterTypes">Types of its parameters.</param>
    public GrainMethod(Type interfaceType, string name, uint id, GrainMethodKind kind, bool isReadOnly, long timeoutTicks, params Type[] parameterTypes)
    {
        InterfaceType = interfaceType;
        Name = name;
        Id = id;
        Kind = kind;
        IsReadOnly = isReadOnly;
        _timeout = TimeSpan.FromTicks(timeoutTicks);
        _parameterTypes = parameterTypes;
        (Blockers, Unit) = kind switch
        {
            GrainMethodKind.Exclusive => (TurnState.BlocksExclusive, TurnState.Exclusive),
            GrainMethodKind.ReadOnly => (TurnState.BlocksReader, TurnState.Reader),
            _ => (TurnState.BlocksInterleaver, TurnState.Interleaver),
        };
        EnterDelta = Unit + TurnState.Executing;
    }

    /// <summary>The interface that declares it.</summary>
    public Type InterfaceType { get; }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Names it between silos.</summary>
    public uint Id { get; }

    /// <summary>What it interleaves with.</summary>
    public GrainMethodKind Kind { get; }

    /// <summary>Whether it changes nothing, and may be made again when an answer was lost.</summary>
    public bool IsReadOnly { get; }

    /// <summary>The method by reflection; only filters ask.</summary>
    internal MethodInfo Info => _info ??= InterfaceType.GetMethod(Name, _parameterTypes)
        ?? throw new MissingMethodException(InterfaceType.FullName, Name);

    /// <summary>The method's own time-out in steps of the clock; 0 when it has none.</summary>
    internal int TimeoutSteps(CallClock clock) => _timeout == TimeSpan.Zero ? 0 : clock.StepsIn(_timeout);

    /// <inheritdoc/>
    public override string ToString() => $"{InterfaceType.Name}.{Name}";
}

/// <summary>
/// The state of an activation in one word, so that a turn is taken and given back with one atomic operation each.
/// Requests in flight are counted by kind; a request is in flight from its start to its end, also while it awaits.
/// </summary>
internal static class TurnState
{
    /// <summary>A thread is inside.</summary>
    public const int Executing = 1;

    /// <summary>A request that wants to be alone is in flight.</summary>
    public const int Exclusive = 1 << 1;

    /// <summary>The queue has something that may be able to run.</summary>
    public const int HasWork = 1 << 2;

    /// <summary>Requests wait for one in flight to end.</summary>
    public const int Waiting = 1 << 3;

    /// <summary>To be dropped: nothing new starts.</summary>
    public const int Closing = 1 << 4;

    /// <summary>Not loaded yet.</summary>
    public const int NotReady = 1 << 5;

    /// <summary>Out of the directory.</summary>
    public const int Dead = 1 << 6;

    /// <summary>Being loaded.</summary>
    public const int Loading = 1 << 7;

    /// <summary>One read-only request.</summary>
    public const int Reader = 1 << 8;

    /// <summary>One request that interleaves with all.</summary>
    public const int Interleaver = 1 << 18;

    /// <summary>All read-only requests; the count has 10 bits and stops at half.</summary>
    public const int Readers = Interleaver - Reader;

    /// <summary>Requests of any kind.</summary>
    public const int InFlight = Exclusive | Readers | Interleavers;

    public const int BlocksExclusive = Busy | HasWork | Waiting | Exclusive | Readers;
    public const int BlocksReader = Busy | HasWork | Waiting | Exclusive | ReadersFull;
    public const int BlocksInterleaver = Busy | InterleaversFull;

    private const int Busy = Executing | Closing | NotReady | Dead;
    private const int ReadersFull = Interleaver >> 1;
    private const int Interleavers = int.MaxValue & ~(Interleaver - 1);
    private const int InterleaversFull = 1 << 30;

    /// <summary>Whether a waiting request may start beside those in flight.</summary>
    public static bool MayStart(int state, GrainMethodKind kind) => kind switch
    {
        GrainMethodKind.Exclusive => (state & (Exclusive | Readers)) == 0,
        GrainMethodKind.ReadOnly => (state & (Exclusive | ReadersFull)) == 0,
        _ => (state & InterleaversFull) == 0,
    };
}
