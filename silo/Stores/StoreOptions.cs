using System.ComponentModel.DataAnnotations;
using Grid.Silo.Stores.Postgres;
using Grid.Silo.Stores.Sqlite;
using Microsoft.Extensions.Options;

namespace Grid.Silo.Stores;

/// <summary>
/// Settings of the store: those that both kinds have, and a section for what is different. All have defaults.
/// </summary>
public sealed class StoreOptions
{
    /// <summary>Where the configuration has these settings.</summary>
    public const string Section = "Grid:Store";

    /// <summary>Rows in one commit or one read. Default 500.</summary>
    /// <remarks>More rows make a commit cheaper per row, and longer.</remarks>
    [Range(1, 10_000)]
    public int MaxGroupRows { get; set; } = 500;

    /// <summary>Rows queued for one writer or reader; more are refused. Default 16,384.</summary>
    [Range(1, 1_000_000)]
    public int MaxQueueRows { get; set; } = 16_384;

    /// <summary>How long a write waits for its commit; then its outcome is unknown. Default 1.5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(1.5);

    /// <summary>Days that visits are kept, besides today. Default 30.</summary>
    [Range(2, 3_650)]
    public int VisitRetentionDays { get; set; } = 30;

    /// <summary>Interval between deletions of expired visits. Default 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan RetentionPeriod { get; set; } = TimeSpan.FromHours(1);

    /// <summary>What only the data folder has.</summary>
    [ValidateObjectMembers]
    public SqliteOptions Sqlite { get; set; } = new();

    /// <summary>What only PostgreSQL has.</summary>
    [ValidateObjectMembers]
    public PostgresOptions Postgres { get; set; } = new();
}

/// <summary>Checks <see cref="StoreOptions"/> at the start.</summary>
[OptionsValidator]
internal sealed partial class StoreOptionsAnnotations : IValidateOptions<StoreOptions>;
