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

    /// <summary>
    /// A connection string for each database, in order: partition p lies in database p · N / 1,024. The number N and the
    /// order are fixed when the databases are first used; another one is refused. Set by the host from <c>Grid:Postgres</c>.
    /// </summary>
    [MaxLength(DatabasesMax)]
    public IList<string> Databases { get; set; } = [];

    /// <summary>
    /// Connections a database that write, each with a share of its partitions. More let more commits be on their way at
    /// once; fewer make larger groups. Default 4.
    /// </summary>
    [Range(1, 16)]
    public int Writers { get; set; } = 4;

    /// <summary>
    /// How many of the writing connections take visits. Visits are small and new: one connection with large groups writes more of
    /// them, for less, than several with small ones. At most <see cref="Writers"/>. Default 1.
    /// </summary>
    [Range(1, 16)]
    public int VisitWriters { get; set; } = 1;

    /// <summary>Connections a database that read on demand. Default 2.</summary>
    [Range(1, 16)]
    public int Readers { get; set; } = 2;

    /// <summary>How long a read on demand may take. Default 1.5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan ReadTimeout { get; set; } = TimeSpan.FromSeconds(1.5);

    /// <summary>How long a read in bulk may go without a row, in whole seconds. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan BulkTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a new connection may take, in whole seconds. Default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a start tries again while a database does not answer. One that refuses the connection is not asked again. Default 30 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a lost connection is left alone before it is made again. Default 250 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan ReopenDelay { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Days for which the table of visits is made ahead. Default 2.</summary>
    [Range(1, 30)]
    public int VisitDaysAhead { get; set; } = 2;

    /// <summary>Set by the host: whether others use the databases too.</summary>
    internal StorePresence Presence { get; set; } = StorePresence.Alone;

    internal const int DatabasesMax = 64;

    /// <summary>The database of a partition when there are so many.</summary>
    internal static int DatabaseOf(int partition, int databases) => partition * databases / Partitions.Count;

    /// <summary>The first partition of a database.</summary>
    internal static int FirstPartitionOf(int database, int databases) =>
        (database * Partitions.Count + databases - 1) / databases;
}

/// <summary>What annotations can't say.</summary>
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
                // Said below, without the string: it may hold a password.
            }

            return ValidateOptionsResult.Fail($"{Databases.Section}:{number} is no connection string with a host.");
        }

        return ValidateOptionsResult.Success;
    }
}
