using System.ComponentModel.DataAnnotations;
using Grid.Hosting.Stores;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Grid.Silo.Stores.Postgres;

/// <summary>Settings that only PostgreSQL has. All but the databases have defaults.</summary>
public sealed class PostgresOptions
{
    /// <summary>Where the configuration has these settings.</summary>
    public const string Section = $"{StoreOptions.Section}:{nameof(StoreOptions.Postgres)}";

    /// <summary>Connection strings of the databases; number and order are fixed at first use. Default: none.</summary>
    /// <remarks>The host sets it from <c>Grid:Postgres</c>. Partition p lies in database p · N / 1,024.</remarks>
    [MaxLength(MaxDatabases)]
    public IList<string> Databases { get; set; } = [];

    /// <summary>Writing connections per database; each serves a share of its partitions. Default 4.</summary>
    /// <remarks>More allow more commits at once; fewer make larger groups.</remarks>
    [Range(1, 16)]
    public int Writers { get; set; } = 4;

    /// <summary>Writing connections that take visits, at most <see cref="Writers"/>. Default 1.</summary>
    /// <remarks>
    /// Visits are small and new: one connection with large groups writes more of them, for less, than several with
    /// small groups.
    /// </remarks>
    [Range(1, 16)]
    public int VisitWriters { get; set; } = 1;

    /// <summary>Read connections per database. Default 2.</summary>
    [Range(1, 16)]
    public int Readers { get; set; } = 2;

    /// <summary>Time limit of a read on demand. Default 1.5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan ReadTimeout { get; set; } = TimeSpan.FromSeconds(1.5);

    /// <summary>Longest pause between rows of a bulk read, in whole seconds. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan BulkTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Time limit of a new connection, in whole seconds. Default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a start retries a database that does not answer. Default 30 s.</summary>
    /// <remarks>A database that refuses the connection is not retried.</remarks>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Pause before a lost connection is reopened. Default 250 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan ReopenDelay { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Days for which visit tables are created ahead. Default 2.</summary>
    [Range(1, 30)]
    public int VisitDaysAhead { get; set; } = 2;

    /// <summary>Set by the host: whether others use the databases too.</summary>
    internal StorePresence Presence { get; set; } = StorePresence.Alone;

    internal const int MaxDatabases = 64;

    /// <summary>The database of a partition, for a number of databases.</summary>
    internal static int DatabaseOf(int partition, int databases) => partition * databases / Partitions.Count;

    /// <summary>The first partition of a database.</summary>
    internal static int FirstPartitionOf(int database, int databases) =>
        (database * Partitions.Count + databases - 1) / databases;
}

/// <summary>Rules that annotations can't express.</summary>
internal sealed class PostgresOptionsRules : IValidateOptions<StoreOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, StoreOptions options)
    {
        if (options.Postgres.Databases.Count == 0)
            return ValidateOptionsResult.Fail($"{Databases.Section} names no database.");
        for (var number = 0; number < options.Postgres.Databases.Count; number++)
        {
            try
            {
                if (new NpgsqlConnectionStringBuilder(options.Postgres.Databases[number]).Host is { Length: > 0 })
                    continue;
            }
            catch (ArgumentException)
            {
                // Reported below without the string: it may contain a password.
            }

            return ValidateOptionsResult.Fail($"{Databases.Section}:{number} is not a connection string with a host.");
        }

        return ValidateOptionsResult.Success;
    }
}
