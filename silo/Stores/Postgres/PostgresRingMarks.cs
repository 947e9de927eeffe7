using Grid.Hosting.Keys;
using Npgsql;

namespace Grid.Silo.Stores.Postgres;

/// <summary>Stores the key ring's marks in a table of the first database.</summary>
/// <param name="connectionStrings">The connection strings of all databases.</param>
internal sealed class PostgresRingMarks(string[] connectionStrings) : IRingMarks
{
    private const int MaxAttempts = 60;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    public string Place => "The first database of Grid:Postgres";

    public IReadOnlyCollection<string> Read() =>
        Run(connection =>
        {
            using (var there = new NpgsqlCommand("SELECT to_regclass('grid_ring_marks') IS NOT NULL", connection))
            {
                if (!(bool)there.ExecuteScalar()!)
                    return [];
            }
            using var command = new NpgsqlCommand("SELECT mark FROM grid_ring_marks", connection);
            using var reader = command.ExecuteReader();
            var marks = new List<string>();
            while (reader.Read())
                marks.Add(reader.GetString(0));
            return marks;
        });

    public void Add(IReadOnlyCollection<string> marks) =>
        Run(connection =>
        {
            using var transaction = connection.BeginTransaction();
            using var make = new NpgsqlCommand(
                $"SELECT pg_advisory_xact_lock({PostgresSchema.SchemaLock}); "
                    + "CREATE TABLE IF NOT EXISTS grid_ring_marks (mark text PRIMARY KEY)",
                connection,
                transaction
            );
            make.ExecuteNonQuery();
            using var add = new NpgsqlCommand(
                "INSERT INTO grid_ring_marks SELECT unnest($1) ON CONFLICT DO NOTHING",
                connection,
                transaction
            )
            {
                Parameters = { new NpgsqlParameter<string[]> { TypedValue = [.. marks] } },
            };
            add.ExecuteNonQuery();
            transaction.Commit();
            return 0;
        });

    public bool HasResidents() => Array.Exists(connectionStrings, text => Run(
                connection =>
                {
                    using var command = new NpgsqlCommand(
                        $"SELECT to_regclass('\"{TableNames.Residents}\"') IS NOT NULL",
                        connection
                    );
                    if (!(bool)command.ExecuteScalar()!)
                        return false;
                    command.CommandText = $"SELECT EXISTS (SELECT FROM \"{TableNames.Residents}\")";
                    return (bool)command.ExecuteScalar()!;
                },
                text
            ));

    // A start waits for an unavailable database, as the store does.
    private T Run<T>(Func<NpgsqlConnection, T> work, string? connectionString = null)
    {
        using var never = new ManualResetEventSlim();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var connection = new NpgsqlConnection(connectionString ?? connectionStrings[0]);
                connection.Open();
                return work(connection);
            }
            catch (NpgsqlException exception) when (!exception.IsTransient || attempt == MaxAttempts)
            {
                throw new StoreException(
                    StoreErrorCodes.Unavailable,
                    "The marks of the key ring could not be read or written in the database.",
                    exception
                );
            }
            catch (NpgsqlException)
            {
                never.Wait(Pause);
            }
        }
    }
}
