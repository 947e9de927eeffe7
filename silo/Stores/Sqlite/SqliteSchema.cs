namespace Grid.Silo.Stores.Sqlite;

/// <summary>
/// The schema of a file as migration steps: step n upgrades version n to n + 1. The file stores its version in
/// <c>user_version</c>. Released steps never change; new ones are added.
/// </summary>
/// <param name="steps">SQL of each step, from version 0.</param>
internal sealed class SqliteSchema(params string[] steps)
{
    /// <summary>
    /// Contains only the tables that every file has; tables of states and visits are created on first write.
    /// </summary>
    internal static readonly SqliteSchema Current = new(
        // The file's number and the number of files. Under another number its residents would not be found, and would
        // be registered anew.
        "CREATE TABLE grid_store (one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER NOT NULL,"
            + " files INTEGER NOT NULL)"
    );

    /// <summary>SQL of each step.</summary>
    internal IReadOnlyList<string> Steps => steps;

    /// <summary>The version after all steps.</summary>
    internal int Version => steps.Length;

    /// <summary>
    /// Upgrades a file to <see cref="Version"/>, all steps or none, and checks its number and the number of files.
    /// </summary>
    /// <param name="database">The open file.</param>
    /// <param name="path">The file's path.</param>
    /// <param name="number">The file's number, from 0.</param>
    /// <param name="files">The number of files.</param>
    /// <param name="isNew">Whether the file may be empty, because no file of the folder has been used.</param>
    /// <exception cref="StoreException">The file has another version or number, or is unexpectedly empty.</exception>
    internal void Migrate(SqliteDatabase database, string path, int number, int files, bool isNew)
    {
        database.Execute("BEGIN IMMEDIATE");
        try
        {
            // Version 0.1 stored the owner's epoch in every file.
            if (database.Scalar("SELECT count(*) FROM sqlite_master WHERE name = 'owner'") > 0)
                throw StoreLayout.Older(path);
            var found = database.Scalar("PRAGMA user_version");
            if (found > Version)
                throw StoreLayout.NewerSchema(path, found, Version);
            if (found == 0 && !isNew)
                throw new StoreException(
                    StoreErrorCodes.Damaged,
                    $"{path} is unexpectedly empty: restore the folder from a backup."
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
                $"{path} is file {storedNumber} of {storedFiles};"
                    + $" its name and the manifest say {number} of {files}."
            );
    }
}
