
namespace Grid.Silo.Stores.Postgres;

/// <summary>
/// The partitions that this process owns in a cluster, and under which epoch. A store that has them takes reads and writes of
/// no other partition, and every commit says its epochs to the database, which refuses those of an older owner.
/// </summary>
internal sealed class PartitionEpochs
{
    private const long None = -1;

    private readonly long[] _epochs = new long[Partitions.Count];
    private readonly bool[] _admits = new bool[Partitions.Count];

    internal PartitionEpochs() => Array.Fill(_epochs, None);

    /// <summary>Raised with a partition that a newer owner has claimed; on any thread, perhaps several times.</summary>
    internal event Action<int>? Fenced;

    /// <summary>The epoch of a partition; null when it is not owned.</summary>
    internal long? Of(int partition) => Volatile.Read(ref _epochs[partition]) is var epoch and not None ? epoch : null;

    /// <summary>Whether anything new is read or written of a partition.</summary>
    internal bool Admits(int partition) => Volatile.Read(ref _admits[partition]);

    /// <summary>Opens partitions that were claimed under an epoch.</summary>
    internal void Open(int first, int count, long epoch)
    {
        for (var partition = first; partition < first + count; partition++)
        {
            Volatile.Write(ref _epochs[partition], epoch);
            Volatile.Write(ref _admits[partition], true);
        }
    }

    /// <summary>Lets nothing new in; what waits may still be written.</summary>
    internal void Refuse(int first, int count) => Array.Fill(_admits, false, first, count);

    /// <summary>Gives partitions up: what was not written by now is fenced.</summary>
    internal void Close(int first, int count)
    {
        Refuse(first, count);
        for (var partition = first; partition < first + count; partition++)
            Volatile.Write(ref _epochs[partition], None);
    }

    /// <summary>Tells that a commit was refused.</summary>
    internal void TellFenced(int partition) => Fenced?.Invoke(partition);
}
