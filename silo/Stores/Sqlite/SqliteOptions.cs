using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Grid.Silo.Stores.Sqlite;

/// <summary>Settings that only the data folder has. The defaults suit one strong machine.</summary>
public sealed class SqliteOptions
{
    /// <summary>Where the configuration has these settings.</summary>
    public const string Section = $"{StoreOptions.Section}:{nameof(StoreOptions.Sqlite)}";

    /// <summary>
    /// The folder of the store's files; made when it is missing. Set by the host: <c>store</c> in <c>Grid:Data</c>.
    /// </summary>
    public string Folder { get; set; } = "";

    /// <summary>Files, each with one writer; fixed when the folder is created. Default 2.</summary>
    [Range(1, MaxFiles)]
    public int Files { get; set; } = 2;

    /// <summary>How long SQLite waits for another process's lock. Default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Page size, a power of two; fixed when a file is created. Default 2,048.</summary>
    /// <remarks>A changed row costs two pages written.</remarks>
    [Range(512, 65_536)]
    public int PageBytes { get; set; } = 2_048;

    /// <summary>Pages in the write-ahead log that start a checkpoint. Default 1,000.</summary>
    /// <remarks>Fewer pages make pauses shorter and more frequent.</remarks>
    [Range(16, 1_000_000)]
    public int CheckpointPages { get; set; } = 1_000;

    /// <summary>Page cache of a file's writer, in bytes. Default 32 MiB.</summary>
    [Range(64 * 1024, int.MaxValue)]
    public int WriterCacheBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>Page cache of a read connection, in bytes. Default 4 MiB.</summary>
    [Range(64 * 1024, int.MaxValue)]
    public int ReaderCacheBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>Largest file that is checked when it is opened; 0 checks none. Default 256 MiB.</summary>
    /// <remarks>
    /// SQLite's <c>quick_check</c> takes about a second for 300 MB. <c>silo -- verify</c> checks files of any size.
    /// </remarks>
    [Range(0, long.MaxValue)]
    public long MaxCheckBytes { get; set; } = 256L << 20;

    /// <summary>Read connections per file, opened on demand. Default 8.</summary>
    [Range(1, 64)]
    public int ReadersPerFile { get; set; } = 8;

    internal const int MaxFiles = 64;

    /// <summary>The file of a partition; neighbouring partitions share a file.</summary>
    internal static int FileOf(int partition, int files) => partition * files / Partitions.Count;

    /// <summary>The first partition of a file.</summary>
    internal static int FirstPartitionOf(int file, int files) => (file * Partitions.Count + files - 1) / files;
}

/// <summary>Rules that annotations can't express.</summary>
internal sealed class SqliteOptionsRules : IValidateOptions<StoreOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, StoreOptions options)
    {
        if (options.Sqlite.Folder.Length == 0)
            return ValidateOptionsResult.Fail($"{SqliteOptions.Section}:{nameof(SqliteOptions.Folder)} is empty.");
        return int.IsPow2(options.Sqlite.PageBytes)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"{SqliteOptions.Section}:{nameof(SqliteOptions.PageBytes)} must be a power of two."
            );
    }
}
