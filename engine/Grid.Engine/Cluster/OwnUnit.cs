namespace Grid.Engine.Cluster;

/// <summary>How far a silo is with a unit of its own store.</summary>
internal enum UnitState : byte
{
    /// <summary>Nothing of it is here.</summary>
    Closed,

    /// <summary>Being opened; then it serves.</summary>
    Opening,

    /// <summary>Serves.</summary>
    Open,

    /// <summary>On its way to another silo, by agreement.</summary>
    HandingOver,

    /// <summary>Lost to another silo; being closed.</summary>
    Losing,
}

/// <summary>A unit as this silo holds it. Under the node's lock.</summary>
internal sealed class OwnUnit(int number, int units)
{
    internal int Number { get; } = number;

    internal int FirstPartition { get; } = PartitionMap.FirstPartitionOf(number, units);

    internal int Partitions { get; } = PartitionMap.FirstPartitionOf(number + 1, units) - PartitionMap.FirstPartitionOf(number, units);

    internal UnitState State { get; set; }

    internal long Epoch { get; set; }

    /// <summary>Cancelled when the silo gives the unit up.</summary>
    internal CancellationTokenSource? Owned { get; set; }

    /// <summary>What is done beside serving calls.</summary>
    internal Task Tenants { get; set; } = Task.CompletedTask;
}
