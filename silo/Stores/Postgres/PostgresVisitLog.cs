using System.Runtime.CompilerServices;
using Grid.Scans;
using Npgsql;
using NpgsqlTypes;

namespace Grid.Silo.Stores.Postgres;

/// <summary>The visits in PostgreSQL: one table, partitioned by day.</summary>
public sealed class PostgresVisitLog(PostgresStore store) : GroupedVisitLog(store.Writers)
{
    /// <inheritdoc/>
    public override IAsyncEnumerable<Visit> OfResidentAsync(
        Guid resident,
        DateTimeOffset from,
        DateTimeOffset until,
        CancellationToken cancellation = default
    ) =>
        SearchAsync(
            "resident = $5",
            new NpgsqlParameter<Guid> { TypedValue = resident, NpgsqlDbType = NpgsqlDbType.Uuid },
            from,
            until,
            cancellation
        );

    /// <inheritdoc/>
    public override IAsyncEnumerable<Visit> OfVenueAsync(
        string venueId,
        DateTimeOffset from,
        DateTimeOffset until,
        CancellationToken cancellation = default
    ) =>
        SearchAsync(
            "venue = $5",
            new NpgsqlParameter<string> { TypedValue = venueId, NpgsqlDbType = NpgsqlDbType.Text },
            from,
            until,
            cancellation
        );

    private protected override int LaneOf(int partition) => store.VisitWriterOf(partition);

    private protected override GroupLane<WriteWork> Lane(int number) => store.Writer(number);

    private async IAsyncEnumerable<Visit> SearchAsync(
        string whose,
        NpgsqlParameter value,
        DateTimeOffset from,
        DateTimeOffset until,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        foreach (var database in store.Databases)
        {
            await using var connection = await GuardedAsync(database, database.OpenAsync(cancellation));
            await using var command = new NpgsqlCommand(
                $"SELECT {VisitRows.Columns} FROM visits WHERE day BETWEEN $1 AND $2"
                    + $" AND at >= $3 AND at < $4 AND {whose} ORDER BY day, at",
                connection
            );
            // An id may name a day up to the window after the scan's, or an earlier one.
            command.Parameters.Add(Day(VisitDay.Add(VisitDay.Of(from), -VisitDay.WindowDays)));
            command.Parameters.Add(Day(VisitDay.Add(VisitDay.Of(until), 1)));
            command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = from.UtcDateTime });
            command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = until.UtcDateTime });
            command.Parameters.Add(value.Clone());
            await using var reader = await GuardedAsync(
                database,
                new ValueTask<NpgsqlDataReader>(command.ExecuteReaderAsync(cancellation))
            );
            while (await GuardedAsync(database, new ValueTask<bool>(reader.ReadAsync(cancellation))))
                yield return VisitRows.Read(reader);
        }
    }

    private static NpgsqlParameter<DateOnly> Day(int day) =>
        new() { TypedValue = new DateOnly(day / 10_000, day / 100 % 100, day % 100) };

    private static async ValueTask<T> GuardedAsync<T>(PostgresDatabase database, ValueTask<T> step)
    {
        try
        {
            return await step;
        }
        catch (Exception exception) when (PostgresFaults.IsOfTheServer(exception))
        {
            throw PostgresFaults.Translate(exception, database.Place);
        }
    }
}
