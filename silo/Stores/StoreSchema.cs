using Grid.Silo.Stores.Sqlite;

namespace Grid.Silo.Stores;

/// <summary>
/// The schema of one file, as the steps that lead to it: step n takes a file from version n to n + 1, and the file keeps
/// its version in <c>user_version</c>. Steps are never changed once released, only added.
/// </summary>
/// <param name="steps">SQL of each step, from version 0.</param>
internal sealed class StoreSchema(params string[] steps)
{
    /// <summary>The tables of states and of visits are made when they are first written; only what each file has is here.</summary>
    internal static readonly StoreSchema Current = new(
        // The owner's epoch: a commit under an older one is refused.
        """
        CREATE TABLE owner (one INTEGER PRIMARY KEY CHECK (one = 1), epoch INTEGER NOT NULL);
        INSERT INTO owner (one, epoch) VALUES (1, 0);
        """,
        // Openings are counted, so that an archive shows where one went by without it.
        "ALTER TABLE owner ADD COLUMN opened INTEGER NOT NULL DEFAULT 0");

    /// <summary>SQL of each step.</summary>
    internal IReadOnlyList<string> Steps => steps;

    /// <summary>The version that all steps lead to.</summary>
    internal int Version => steps.Length;

    /// <summary>Brings a file to <see cref="Version"/>, all steps or none.</summary>
    /// <exception cref="StoreException">The file is of a newer version.</exception>
    internal void Migrate(SqliteDatabase database, string path)
    {
        database.Execute("BEGIN IMMEDIATE");
        try
        {
            var found = database.Scalar("PRAGMA user_version");
            if (found > Version)
                throw StoreManifest.Newer(path, found, Version);
            for (var step = found; step < Version; step++)
                database.Execute(steps[step]);
            if (found < Version)
                database.Execute($"PRAGMA user_version = {Version}");
            database.Execute("COMMIT");
        }
        catch
        {
            if (database.InTransaction)
                database.Execute("ROLLBACK");
            throw;
        }
    }
}
