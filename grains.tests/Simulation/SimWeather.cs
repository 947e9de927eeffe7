namespace Grid.Tests.Simulation;

/// <summary>
/// How bad disk, network and callers' links are. Each seed draws which kinds of trouble it has at all, so that some seeds
/// have one kind in plenty and others all kinds a little. When the storm is over there is no trouble, only delay.
/// </summary>
internal sealed class SimWeather
{
    private readonly double _commitFails,
        _commitUnknown,
        _diskFull,
        _readFails,
        _linkLoses,
        _linkDoubles,
        _netDoubles,
        _netLoses,
        _netSlow;
    private readonly double _slowDisk;

    private readonly SimWorld _world;

    internal SimWeather(SimWorld world)
    {
        _world = world;
        var random = world.Random.Fork(5);
        IsServer = random.Chance(0.4);
        CommitMs = random.Chance(0.5) ? 0.5 : random.Pick([1.0, 5.0, 20.0]);
        LinkMs = random.Pick([0.2, 1.0, 10.0]);
        NetMs = random.Pick([0.1, 0.5, 3.0]);
        RegistryMs = random.Pick([1.5, 1.5, 20, 120]);
        _commitFails = Sometimes(random, 0.4, 0.10);
        _commitUnknown = Sometimes(random, 0.4, 0.10);
        _diskFull = Sometimes(random, 0.2, 0.10);
        _readFails = Sometimes(random, 0.3, 0.05);
        _slowDisk = Sometimes(random, 0.3, 0.10);
        _linkLoses = Sometimes(random, 0.5, 0.10);
        _linkDoubles = Sometimes(random, 0.5, 0.15);
        _netDoubles = Sometimes(random, 0.3, 0.05);
        _netLoses = Sometimes(random, 0.3, 0.05);
        _netSlow = Sometimes(random, 0.4, 0.10);
    }

    /// <summary>Whether faults happen.</summary>
    internal bool IsStormy => _world.IsStormy;

    /// <summary>Whether the store is a server that commits whatever has reached it, not a file of the process.</summary>
    internal bool IsServer { get; set; }

    /// <summary>What a commit takes at the least, in milliseconds.</summary>
    internal double CommitMs { get; }

    /// <summary>What a message between a caller and a gateway takes at the least.</summary>
    internal double LinkMs { get; }

    /// <summary>What a message between two processes of the grid takes at the least.</summary>
    internal double NetMs { get; }

    /// <summary>What the way to the shared store of views takes at the most, there and back each.</summary>
    internal double RegistryMs { get; }

    /// <summary>A commit fails, and nothing was written.</summary>
    internal double CommitFails => IsStormy ? _commitFails : 0;

    /// <summary>A commit is made, and reported as failed.</summary>
    internal double CommitUnknown => IsStormy ? _commitUnknown : 0;

    internal double DiskFull => IsStormy ? _diskFull : 0;

    internal double ReadFails => IsStormy ? _readFails : 0;

    /// <summary>A commit takes hundreds of milliseconds.</summary>
    internal double SlowDisk => IsStormy ? _slowDisk : 0;

    internal double LinkLoses => IsStormy ? _linkLoses : 0;

    internal double LinkDoubles => IsStormy ? _linkDoubles : 0;

    internal double NetDoubles => IsStormy ? _netDoubles : 0;

    internal double NetLoses => IsStormy ? _netLoses : 0;

    internal double NetSlow => IsStormy ? _netSlow : 0;

    private static double Sometimes(SimRandom random, double chance, double most) =>
        random.Chance(chance) ? random.Fraction() * most : 0;
}
