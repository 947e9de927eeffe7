using System.Globalization;
using Grid.Tests.Fixtures;

namespace Grid.Tests.Cluster;

/// <summary>
/// Machines at a switch, each with a network and an address of its own. Links between two of them can be cut, and a
/// cable can be unplugged. As in a real network, packets are lost silently.
/// </summary>
internal sealed class CuttableNetwork : IDisposable
{
    // A hardware address of no machine: frames to it are lost.
    private const string Nowhere = "02:00:00:00:00:00";

    private readonly NetworkNamespace _switch = new();
    private readonly List<Machine> _machines = [];

    internal CuttableNetwork() => _switch.Ip("link", "add", "switch", "up", "type", "bridge");

    /// <summary>Adds a machine to the switch.</summary>
    internal Machine Add()
    {
        var machine = new Machine(new NetworkNamespace(), _machines.Count + 1);
        _machines.Add(machine);
        machine.Inside.Ip(
            "link",
            "add",
            "eth0",
            "address",
            machine.HardwareAddress,
            "type",
            "veth",
            "peer",
            "name",
            machine.Port,
            "netns",
            _switch.Path
        );
        machine.Inside.Ip("address", "add", $"{machine.Address}/24", "dev", "eth0");
        machine.Inside.Ip("link", "set", "eth0", "up");
        _switch.Ip("link", "set", machine.Port, "master", "switch", "up");
        return machine;
    }

    /// <summary>Drops everything that one machine sends to the other.</summary>
    internal static void Cut(Machine one, Machine other)
    {
        one.Believe(other, Nowhere);
        other.Believe(one, Nowhere);
    }

    internal static void Heal(Machine one, Machine other)
    {
        one.Believe(other, other.HardwareAddress);
        other.Believe(one, one.HardwareAddress);
    }

    /// <summary>Cuts a machine off from all others; it still runs, and is reachable from inside its network.</summary>
    internal void Unplug(Machine machine) => _switch.Ip("link", "set", machine.Port, "down");

    internal void PlugIn(Machine machine) => _switch.Ip("link", "set", machine.Port, "up");

    public void Dispose()
    {
        _machines.ForEach(static machine => machine.Inside.Dispose());
        _switch.Dispose();
    }

    internal sealed record Machine(NetworkNamespace Inside, int Number)
    {
        internal string Address => string.Create(CultureInfo.InvariantCulture, $"10.83.0.{Number}");

        internal string HardwareAddress => string.Create(CultureInfo.InvariantCulture, $"02:00:00:00:00:{Number:x2}");

        internal string Port => string.Create(CultureInfo.InvariantCulture, $"port{Number}");

        internal void Believe(Machine other, string hardwareAddress) =>
            Inside.Ip(
                "neighbour",
                "replace",
                other.Address,
                "lladdr",
                hardwareAddress,
                "dev",
                "eth0",
                "nud",
                "permanent"
            );
    }
}
