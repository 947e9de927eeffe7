namespace Grid.Tests.Simulation;

/// <summary>
/// The fault rates of disk, network and callers' links. Each seed draws its kinds of faults: some seeds have many of
/// one kind, others a few of all kinds. After the storm there are only delays.
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

    /// <summary>Whether faults are active.</summary>
    internal bool IsStormy => _world.IsStormy;

    /// <summary>Whether the store is a server, which commits all data it received, or a file.</summary>
    internal bool IsServer { get; set; }

    /// <summary>The minimum duration of a commit, in milliseconds.</summary>
    internal double CommitMs { get; }

    /// <summary>The minimum latency between a caller and a gateway.</summary>
    internal double LinkMs { get; }

    /// <summary>The minimum latency between two processes of the grid.</summary>
    internal double NetMs { get; }

    /// <summary>The maximum one-way latency to the shared store of views.</summary>
    internal double RegistryMs { get; }

    /// <summary>A commit fails and writes nothing.</summary>
    internal double CommitFails => IsStormy ? _commitFails : 0;

    /// <summary>A commit succeeds and is reported as failed.</summary>
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
