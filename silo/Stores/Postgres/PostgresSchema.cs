using System.Globalization;
using Grid.Hosting.Stores;
using Npgsql;

namespace Grid.Silo.Stores.Postgres;

/// <summary>
/// The schema of a database as migration steps: step n upgrades version n to n + 1. Released steps never change; new
/// ones are added. Tables of states and days are created on first write.
/// </summary>
/// <param name="steps">SQL of each step, from version 0.</param>
internal sealed class PostgresSchema(params string[] steps)
{
    /// <summary>Held while the schema changes or a table is created.</summary>
    internal const long SchemaLock = 0x4752_4944_0000_0001;

    /// <summary>Held around midnight by a transaction with visits whose ids name no day.</summary>
    internal const long MidnightLock = 0x4752_4944_0000_0003;

    /// <summary>
    /// The layout that this version creates and reads. Version 0.1 used layout 1 and did not store the number.
    /// </summary>
    internal const int LayoutNow = 2;

    internal static readonly PostgresSchema Current = new(
        """
        CREATE TABLE visits (
            day date NOT NULL, scan bytea NOT NULL, at timestamptz NOT NULL, resident uuid NOT NULL,
            venue text NOT NULL,
            device text NOT NULL, content bigint NOT NULL, reasons smallint NOT NULL, colour smallint NOT NULL,
            test bytea NOT NULL, name text NOT NULL, PRIMARY KEY (day, scan)) PARTITION BY RANGE (day);
        """
    );

    /// <summary>SQL of each step.</summary>
    internal IReadOnlyList<string> Steps => steps;

    /// <summary>The version after all steps.</summary>
    internal int Version => steps.Length;

    /// <summary>
    /// Upgrades a database to <see cref="Version"/>, all steps or none, and checks its number and the number of
    /// databases.
    /// </summary>
    /// <exception cref="StoreException">The database has a newer version or another number.</exception>
    internal void Migrate(NpgsqlConnection connection, string place, int number, int databases)
    {
        using var transaction = connection.BeginTransaction();
        Execute(connection, $"SELECT pg_advisory_xact_lock({SchemaLock})");
        RefuseOther(connection, place);
        Execute(
            connection,
            $"""
            CREATE TABLE IF NOT EXISTS grid_store (
                one boolean PRIMARY KEY DEFAULT true CHECK (one), layout int NOT NULL, schema int NOT NULL,
                number int NOT NULL, databases int NOT NULL);
            INSERT INTO grid_store (layout, schema, number, databases)
            VALUES ({LayoutNow}, 0, {number}, {databases}) ON CONFLICT DO NOTHING;
            """
        );
        var (layout, schema, storedNumber, storedDatabases) = Read(connection);
        if (layout > LayoutNow)
            throw StoreLayout.Newer(place, layout, LayoutNow);
        if (schema > Version)
            throw StoreLayout.NewerSchema(place, schema, Version);
        if (storedNumber != number || storedDatabases != databases)
        {
            throw new StoreException(
                StoreErrorCodes.Invalid,
                $"{place} is database {storedNumber} of {storedDatabases};"
                    + $" {Databases.Section} has it as {number} of {databases}."
            );
        }

        for (var step = schema; step < Version; step++)
            Execute(connection, steps[step]);
        if (schema < Version)
            Execute(
                connection,
                string.Create(CultureInfo.InvariantCulture, $"UPDATE grid_store SET schema = {Version}")
            );
        transaction.Commit();
    }

    // Version 0.1 had no layout column.
    private static void RefuseOther(NpgsqlConnection connection, string place)
    {
        using var command = new NpgsqlCommand(
            """
            SELECT to_regclass('grid_store') IS NOT NULL AND NOT EXISTS (
                SELECT FROM pg_attribute
                WHERE attrelid = to_regclass('grid_store') AND attname = 'layout' AND NOT attisdropped)
            """,
            connection
        );
        if (command.ExecuteScalar() is true)
            throw StoreLayout.Older(place);
    }

    private static (int Layout, int Schema, int Number, int Databases) Read(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand("SELECT layout, schema, number, databases FROM grid_store", connection);
        using var reader = command.ExecuteReader();
        reader.Read();
        return (reader.GetInt32(0), reader.GetInt32(1), reader.GetInt32(2), reader.GetInt32(3));
    }

    private static void Execute(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}
