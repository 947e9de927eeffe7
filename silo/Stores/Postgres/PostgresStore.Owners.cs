using Npgsql;

namespace Grid.Silo.Stores.Postgres;

/// <summary>Who owns a partition when several processes use the databases.</summary>
public sealed partial class PostgresStore
{
    /// <summary>
    /// Makes this process the owner of partitions under a new epoch. When it returns, no transaction of an older owner is
    /// under way any more, and none can be committed.
    /// </summary>
    /// <exception cref="StoreException">A newer owner has one of them; none was claimed in its database then.</exception>
    internal async Task ClaimAsync(IReadOnlyCollection<int> partitions, long epoch, CancellationToken cancellation = default)
    {
        foreach (var part in partitions.GroupBy(partition => PostgresOptions.DatabaseOf(partition, _databases.Count)))
        {
            var database = _databases[part.Key];
            try
            {
                await Claim(database, [.. part.Select(static partition => (short)partition)], epoch, cancellation);
            }
            catch (Exception fault) when (PostgresFaults.IsOfTheServer(fault))
            {
                throw PostgresFaults.Translate(fault, database.Place);
            }
        }
    }

    /// <summary>The highest epoch that is stored for one of these partitions.</summary>
    internal async Task<long> NewestEpochAsync(IReadOnlyCollection<int> partitions, CancellationToken cancellation)
    {
        long newest = 0;
        foreach (var part in partitions.GroupBy(partition => PostgresOptions.DatabaseOf(partition, _databases.Count)))
        {
            var database = _databases[part.Key];
            try
            {
                await using var connection = await database.OpenAsync(cancellation);
                await using var command = new NpgsqlCommand("SELECT max(epoch) FROM grid_owners WHERE partition = ANY ($1)", connection);
                command.Parameters.Add(new NpgsqlParameter<short[]> { TypedValue = [.. part.Select(static partition => (short)partition)] });
                newest = Math.Max(newest, (long)(await command.ExecuteScalarAsync(cancellation))!);
            }
            catch (Exception fault) when (PostgresFaults.IsOfTheServer(fault))
            {
                throw PostgresFaults.Translate(fault, database.Place);
            }
        }

        return newest;
    }

    /// <summary>Waits until all that was queued for some partitions before is written or refused.</summary>
    /// <exception cref="StoreException">The database does not answer.</exception>
    internal Task DrainAsync(int first, int count) => Task.WhenAll(
        Enumerable.Range(first, count).SelectMany(partition => new[] { WriterOf(partition), VisitWriterOf(partition) }).Distinct().Select(writer =>
        {
            var barrier = new Barrier();
            _writers[writer].Enqueue(barrier);
            return barrier.Done;
        }).ToArray());

    private static async Task Claim(PostgresDatabase database, short[] partitions, long epoch, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        // In order: two claims that overlap wait for each other and don't lock each other out.
        foreach (var stripe in partitions.Select(static partition => StripeOf(partition)).Distinct().Order())
        {
            await using var wait = new NpgsqlCommand(
                $"SELECT pg_advisory_xact_lock({PostgresSchema.StripeLockClass}, {stripe})", connection);
            await wait.ExecuteNonQueryAsync(cancellation);
        }

        await using var claim = new NpgsqlCommand(
            "UPDATE grid_owners SET epoch = $2 WHERE partition = ANY ($1) AND epoch <= $2", connection);
        claim.Parameters.Add(new NpgsqlParameter<short[]> { TypedValue = partitions });
        claim.Parameters.Add(new NpgsqlParameter<long> { TypedValue = epoch });
        if (await claim.ExecuteNonQueryAsync(cancellation) < partitions.Distinct().Count())
            throw new StoreException(StoreFaults.Fenced, $"{database.Place}: a newer owner than epoch {epoch} has claimed a partition.");
        await transaction.CommitAsync(cancellation);
    }

    private void CheckOwned(int partition)
    {
        if (_epochs is not null && !_epochs.Admits(partition))
            throw new StoreException(StoreFaults.NotOwned, $"Partition {partition} is not owned by this process.");
    }

    /// <summary>Writes nothing: what was queued before it is done when it is answered.</summary>
    private sealed class Barrier : WriteWork
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Task Done => _done.Task;

        internal override void Apply(IGroupWriter writer)
        {
        }

        protected override void Succeed() => _done.SetResult();

        protected override void Fail(StoreException fault) => _done.SetException(fault);
    }
}
