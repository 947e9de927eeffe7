namespace Grid.Silo.Stores.Sqlite;

/// <summary>
/// The schema of one file, as the steps that lead to it: step n takes a file from version n to n + 1, and the file keeps
/// its version in <c>user_version</c>. Steps are never changed once released, only added.
/// </summary>
/// <param name="steps">SQL of each step, from version 0.</param>
internal sealed class SqliteSchema(params string[] steps)
{
    /// <summary>The tables of states and of visits are made when they are first written; only what each file has is here.</summary>
    internal static readonly SqliteSchema Current = new(
        // Which file of how many it is: under another number its residents would not be found, and registered anew.
        "CREATE TABLE grid_store (one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER NOT NULL, files INTEGER NOT NULL)"
    );

    /// <summary>SQL of each step.</summary>
    internal IReadOnlyList<string> Steps => steps;

    /// <summary>The version that all steps lead to.</summary>
    internal int Version => steps.Length;

    /// <summary>Brings a file to <see cref="Version"/>, all steps or none, and checks which one of how many it is.</summary>
    /// <param name="database">The file, open.</param>
    /// <param name="path">Where it lies.</param>
    /// <param name="number">Its number, from 0.</param>
    /// <param name="files">How many there are.</param>
    /// <param name="isNew">Whether it may be empty: no other file of the folder has been used either.</param>
    /// <exception cref="StoreException">The file is of another version, another one, or empty.</exception>
    internal void Migrate(SqliteDatabase database, string path, int number, int files, bool isNew)
    {
        database.Execute("BEGIN IMMEDIATE");
        try
        {
            // 0.1 kept the epoch of a file's owner in each.
            if (database.Scalar("SELECT count(*) FROM sqlite_master WHERE name = 'owner'") > 0)
                throw StoreLayout.Older(path);
            var found = database.Scalar("PRAGMA user_version");
            if (found > Version)
                throw StoreLayout.NewerSchema(path, found, Version);
            if (found == 0 && !isNew)
                throw new StoreException(
                    StoreErrorCodes.Damaged,
                    $"{path} is empty and should not be: restore the folder from a backup."
                );
            for (var step = found; step < Version; step++)
                database.Execute(steps[step]);
            if (found == 0)
                database.Execute($"INSERT INTO grid_store (one, number, files) VALUES (1, {number}, {files})");
            if (found < Version)
                database.Execute($"PRAGMA user_version = {Version}");
            Check(database, path, number, files);
            database.Execute("COMMIT");
        }
        catch
        {
            if (database.InTransaction)
                database.Execute("ROLLBACK");
            throw;
        }
    }

    private static void Check(SqliteDatabase database, string path, int number, int files)
    {
        using var row = database.Prepare("SELECT number, files FROM grid_store");
        var (storedNumber, storedFiles) = row.Step() ? (row.Int64(0), row.Int64(1)) : (-1, -1);
        if (storedNumber != number || storedFiles != files)
            throw new StoreException(
                StoreErrorCodes.Invalid,
                $"{path} is file {storedNumber} of {storedFiles}; its name and the manifest have it as {number} of {files}."
            );
    }
}
