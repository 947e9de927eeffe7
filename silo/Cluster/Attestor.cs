namespace Grid.Silo.Cluster;

/// <summary>A member's answer about a silo that can't read the membership table.</summary>
internal enum Attestation
{
    /// <summary>The silo was declared dead, or may have been.</summary>
    Refused,

    /// <summary>No answer in time.</summary>
    Silent,

    /// <summary>The answering member's process is gone: it can no longer declare a silo dead.</summary>
    Gone,

    /// <summary>The member can't read the table either, and has not declared the silo dead.</summary>
    TableAway,

    /// <summary>The member has read the table since the question; the silo is alive in it.</summary>
    Alive,
}

/// <summary>
/// Answers whether this member or the table has declared another silo dead. A kill sent after the answer takes effect
/// one hold later, and the asker's lease starts before its question; so the answer is safe for that lease.
/// </summary>
/// <param name="membership">Orleans' view of the membership, which also receives gossip.</param>
internal sealed class Attestor(
    LeasedTable table,
    IClusterMembershipService membership,
    ClusterTimes times,
    TimeProvider time
)
{
    // A read of a server that hangs ends only with the client's time-out.
    private const int MaxReadsInFlight = 32;
    private int _reads;

    /// <summary>Answers for a silo, as of now.</summary>
    internal async Task<Attestation> AnswerAsync(SiloAddress asker)
    {
        if (IsKnownDead(asker))
            return Attestation.Refused;
        var standing = await ReadAsync(times.ReadLimit) is { } read
            ? table.StandingIn(read, asker)
            : TableStanding.Lost;
        // Check again: this member may have sent a kill during the read.
        if (standing == TableStanding.Dead || IsKnownDead(asker))
            return Attestation.Refused;
        return standing == TableStanding.Alive ? Attestation.Alive : Attestation.TableAway;
    }

    // A member that knows of the death may serve in the asker's place, so it must not vouch for it even when it
    // can't read the table.
    private bool IsKnownDead(SiloAddress silo) =>
        table.HasKill(silo)
        || table.HasSeenDead(silo)
        || membership.CurrentSnapshot.GetSiloStatus(silo) == SiloStatus.Dead;

    /// <summary>Reads the membership; null if the read fails or exceeds the limit.</summary>
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
            // Redis' client throws many exception types; for the gate each means that the table is unavailable.
            return null;
        }
        finally
        {
            Interlocked.Decrement(ref _reads);
        }
    }
}
