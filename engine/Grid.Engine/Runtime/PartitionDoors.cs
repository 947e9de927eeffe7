namespace Grid.Engine.Runtime;

/// <summary>
/// Which partitions may have activations here. In an engine that stands alone all of them, always; in a cluster those that the
/// silo owns at the moment.
/// </summary>
internal sealed class PartitionDoors(GrainEngine engine, bool areOpen)
{
    private readonly bool[] _open = [.. Enumerable.Repeat(areOpen, Codec.Partitions.Count)];

    /// <summary>Whether the partition may have new activations. Certain under the lock of one of its stripes.</summary>
    internal bool IsOpen(int partition) => Volatile.Read(ref _open[partition]);

    /// <summary>Lets activations be made.</summary>
    internal void Open(int first, int count)
    {
        for (var partition = first; partition < first + count; partition++)
        {
            Volatile.Write(ref _open[partition], true);
        }
    }

    /// <summary>
    /// Lets what is going on end, then closes. Grains may still call each other meanwhile, or one that waits for another would
    /// never end. What has not ended when the limit comes is abandoned.
    /// </summary>
    internal async Task CloseAsync(int first, int count, CancellationToken limit)
    {
        for (var left = Sweep(first, count); left.Count > 0 && !limit.IsCancellationRequested; left = Sweep(first, count))
        {
            left.ForEach(static activation => activation.Deactivate(
                new DeactivationReason(DeactivationReasonCode.Migrating, "Another silo takes its partition over.")));
            foreach (var activation in left)
            {
                try
                {
                    await activation.Deactivated.WaitAsync(limit);
                }
                catch (OperationCanceledException)
                {
                    break;
                }
            }
        }

        Drop(first, count);
    }

    /// <summary>Closes at once; what is going on is abandoned.</summary>
    /// <returns>How many activations were in the middle of something.</returns>
    internal int Drop(int first, int count)
    {
        for (var partition = first; partition < first + count; partition++)
        {
            Volatile.Write(ref _open[partition], false);
        }

        var left = Sweep(first, count);
        left.ForEach(static activation => activation.Abandon());
        return left.Count;
    }

    private List<Activation> Sweep(int first, int count)
    {
        var left = new List<Activation>();
        foreach (var host in engine.Hosts)
        {
            for (var partition = first; partition < first + count; partition++)
            {
                host.DropIdle(partition, left);
            }
        }

        return left;
    }
}
