namespace Grid.Tests.Simulation;

/// <summary>Where callers knock: a gateway's address, with whichever process answers there at the moment, if any.</summary>
internal sealed class Entrance(string name)
{
    private readonly List<ILinkCall> _open = [];

    internal string Name { get; } = name;

    internal SimProcess? Process { get; private set; }

    internal SimGateway? Gateway { get; private set; }

    internal bool IsOpen => Process is { IsAlive: true };

    /// <summary>A process answers here from now on, until it dies.</summary>
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

    /// <summary>The balancer sends nobody here any more.</summary>
    internal void Close() => Process = null;

    internal void Add(ILinkCall call) => _open.Add(call);

    internal void Remove(ILinkCall call) => _open.Remove(call);
}

/// <summary>A call that is being served.</summary>
internal interface ILinkCall
{
    /// <summary>Its server died.</summary>
    void Break();
}

/// <summary>A call that came to no answer: what the caller does not know.</summary>
internal sealed class LinkException(string message) : Exception(message);
