using System.Globalization;
using Npgsql;

namespace Grid.Silo.Stores.Postgres;

/// <summary>
/// The schema of one database, as the steps that lead to it: step n takes it from version n to n + 1. Steps are never
/// changed once released, only added. Tables of states and of days are made when they are first written.
/// </summary>
/// <param name="steps">SQL of each step, from version 0.</param>
internal sealed class PostgresSchema(params string[] steps)
{
    /// <summary>Held while the schema is changed or a table is made.</summary>
    internal const long SchemaLock = 0x4752_4944_0000_0001;

    /// <summary>The class of the locks that writers share and a claim takes alone; a lock for each stripe of partitions.</summary>
    internal const int StripeLockClass = 0x4752_4944;

    internal static readonly PostgresSchema Current = new(
        $"""
        CREATE TABLE grid_owners (partition smallint PRIMARY KEY, epoch bigint NOT NULL);
        INSERT INTO grid_owners SELECT number, 0 FROM generate_series(0, 1023) AS number;

        CREATE TABLE visits (
            day date NOT NULL, scan bytea NOT NULL, at timestamptz NOT NULL, resident uuid NOT NULL, venue text NOT NULL,
            device text NOT NULL, content bigint NOT NULL, reasons smallint NOT NULL, colour smallint NOT NULL,
            test bytea NOT NULL, name text NOT NULL, PRIMARY KEY (day, scan)) PARTITION BY RANGE (day);

        -- The last statement of a writer's transaction, after it has the shared locks of its stripes: a claim that goes on
        -- from then waits for the commit, one that came before is seen.
        CREATE FUNCTION grid_check_epochs(partitions smallint[], epochs bigint[]) RETURNS void LANGUAGE plpgsql AS $$
        DECLARE fenced text;
        BEGIN
            SELECT string_agg(own.partition::text, ',') INTO fenced
            FROM unnest(partitions, epochs) AS own (partition, epoch)
            JOIN grid_owners AS stored ON stored.partition = own.partition WHERE stored.epoch <> own.epoch;
            IF fenced IS NOT NULL THEN
                RAISE EXCEPTION 'a newer owner has claimed partitions' USING ERRCODE = '{PostgresFaults.FencedState}', DETAIL = fenced;
            END IF;
        END $$;
        """,
        """
        CREATE TABLE grid_view (
            one boolean PRIMARY KEY DEFAULT true CHECK (one), version bigint NOT NULL, view bytea NOT NULL);
        CREATE TABLE grid_beats (
            name text NOT NULL, incarnation bigint NOT NULL, beat bigint NOT NULL, PRIMARY KEY (name, incarnation)) WITH (fillfactor = 50);
        """,
        // A silo that does not write it answers nothing without the store, and so needs to know nobody.
        $"ALTER TABLE grid_beats ADD COLUMN known bigint NOT NULL DEFAULT {long.MaxValue}");

    /// <summary>SQL of each step.</summary>
    internal IReadOnlyList<string> Steps => steps;

    /// <summary>The version that all steps lead to.</summary>
    internal int Version => steps.Length;

    /// <summary>Brings a database to <see cref="Version"/>, all steps or none, and checks which one of how many it is.</summary>
    /// <exception cref="StoreException">It is of a newer version, or another one.</exception>
    internal void Migrate(NpgsqlConnection connection, string place, int number, int databases)
    {
        using var transaction = connection.BeginTransaction();
        Execute(connection, $"SELECT pg_advisory_xact_lock({SchemaLock})");
        Execute(
            connection,
            $"""
            CREATE TABLE IF NOT EXISTS grid_store (
                one boolean PRIMARY KEY DEFAULT true CHECK (one), schema int NOT NULL, number int NOT NULL, databases int NOT NULL);
            INSERT INTO grid_store (schema, number, databases) VALUES (0, {number}, {databases}) ON CONFLICT DO NOTHING;
            """);
        var (schema, storedNumber, storedDatabases) = Read(connection);
        if (schema > Version)
        {
            throw new StoreException(
                StoreFaults.SchemaNewer,
                $"{place} has schema {schema}; this version knows {Version} and older ones. Run the version that wrote it, or a newer one.");
        }

        if (storedNumber != number || storedDatabases != databases)
        {
            throw new StoreException(
                StoreFaults.Invalid,
                $"{place} is database {storedNumber} of {storedDatabases}; {PostgresOptions.DatabasesSection} has it as {number} of {databases}.");
        }

        for (var step = schema; step < Version; step++)
            Execute(connection, steps[step]);
        if (schema < Version)
            Execute(connection, string.Create(CultureInfo.InvariantCulture, $"UPDATE grid_store SET schema = {Version}"));
        transaction.Commit();
    }

    private static (int Schema, int Number, int Databases) Read(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand("SELECT schema, number, databases FROM grid_store", connection);
        using var reader = command.ExecuteReader();
        reader.Read();
        return (reader.GetInt32(0), reader.GetInt32(1), reader.GetInt32(2));
    }

    private static void Execute(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}
