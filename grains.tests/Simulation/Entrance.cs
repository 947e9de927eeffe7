namespace Grid.Tests.Simulation;

/// <summary>The address of a gateway and the process that serves it now, if any.</summary>
internal sealed class Entrance(string name)
{
    private readonly List<ILinkCall> _open = [];

    internal string Name { get; } = name;

    internal SimProcess? Process { get; private set; }

    internal SimGateway? Gateway { get; private set; }

    internal bool IsOpen => Process is { IsAlive: true };

    /// <summary>Attaches a process, which serves this address until it dies.</summary>
    internal void Open(SimProcess process, SimGateway gateway)
    {
        Process = process;
        Gateway = gateway;
        process.World.Log.Say($"{Name} opens");
        process.Died += () =>
        {
            ILinkCall[] broken = [.. _open];
            _open.Clear();
            foreach (var call in broken)
                call.Break();
        };
    }

    /// <summary>The load balancer stops sending requests here.</summary>
    internal void Close() => Process = null;

    internal void Add(ILinkCall call) => _open.Add(call);

    internal void Remove(ILinkCall call) => _open.Remove(call);
}

/// <summary>A call in progress.</summary>
internal interface ILinkCall
{
    /// <summary>Breaks the call: its server died.</summary>
    void Break();
}

/// <summary>A call failed without an answer: its outcome is unknown to the caller.</summary>
internal sealed class LinkException(string message) : Exception(message);
