namespace Grid.Silo.Cluster;

/// <summary>What a member says of another one that can't read the membership.</summary>
internal enum Attestation
{
    /// <summary>It was declared dead, or may have been.</summary>
    Refused,

    /// <summary>No answer in time.</summary>
    Silent,

    /// <summary>Its process is gone: it declares nobody dead any more.</summary>
    Gone,

    /// <summary>I can't read the membership either, and have not declared the silo dead.</summary>
    TableAway,

    /// <summary>I have read the membership since the question: the silo is alive in it.</summary>
    Alive,
}

/// <summary>
/// Answers another member's question whether it was declared dead. A kill that this member sends after its answer comes to its
/// effect a hold after it, and the asker's lease runs from before its question; so the answer is safe for that lease.
/// </summary>
/// <param name="table">The membership table.</param>
/// <param name="membership">What Orleans knows of the members: some of it comes by gossip, past the table.</param>
/// <param name="times">The times.</param>
/// <param name="time">The clock.</param>
internal sealed class Attestor(
    LeasedTable table,
    IClusterMembershipService membership,
    ClusterTimes times,
    TimeProvider time
)
{
    // Reads of a server that does not answer end after its client's time-out only.
    private const int MaxReadsInFlight = 32;
    private int _reads;

    /// <summary>What is to be said of a silo at this moment.</summary>
    internal async Task<Attestation> AnswerAsync(SiloAddress asker)
    {
        if (IsKnownDead(asker))
            return Attestation.Refused;
        var standing = await ReadAsync(times.ReadLimit) is { } read
            ? table.StandingIn(read, asker)
            : TableStanding.Lost;
        // Again: a kill may have left while the table was read.
        if (standing == TableStanding.Dead || IsKnownDead(asker))
            return Attestation.Refused;
        return standing == TableStanding.Alive ? Attestation.Alive : Attestation.TableAway;
    }

    // A member that has heard of the death may serve in the asker's place, so it never vouches for it: not when it can't read the
    // table any more either.
    private bool IsKnownDead(SiloAddress silo) =>
        table.HasKill(silo)
        || table.HasSeenDead(silo)
        || membership.CurrentSnapshot.GetSiloStatus(silo) == SiloStatus.Dead;

    /// <summary>The membership, read now; null when it can't be read within the limit.</summary>
    internal async Task<MembershipTableData?> ReadAsync(TimeSpan limit)
    {
        if (Interlocked.Increment(ref _reads) > MaxReadsInFlight)
        {
            Interlocked.Decrement(ref _reads);
            return null;
        }

        var reading = CountedAsync();
        try
        {
            return await reading.WaitAsync(limit, time);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    private async Task<MembershipTableData?> CountedAsync()
    {
        try
        {
            return await table.ReadAllAsync(CancellationToken.None);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Redis' client has its own kinds of exceptions; to the gate every one says that the table is away.
            return null;
        }
        finally
        {
            Interlocked.Decrement(ref _reads);
        }
    }
}
