using System.Globalization;
using Grid.Silo.Stores;

namespace Grid.Bench.Micro;

/// <summary>Which measurements of the store to run, and with which settings.</summary>
internal sealed class StoreBenchArguments
{
    private readonly HashSet<string> _scenarios = [];
    private readonly Dictionary<string, int> _numbers = [];

    internal int Seconds => _numbers.GetValueOrDefault("--seconds", 5);

    internal int Residents => _numbers.GetValueOrDefault("--residents", 200_000);

    /// <summary>The disk to measure: a folder is created in it and deleted at the end.</summary>
    internal string Folder { get; private set; } = Directory.GetCurrentDirectory();

    /// <summary>Connection strings separated by bars; null for the data folder.</summary>
    internal string? Postgres { get; private set; }

    internal bool Wants(string scenario) => _scenarios.Count == 0 || _scenarios.Contains(scenario);

    internal void Apply(StoreOptions options)
    {
        // On a busy machine a write may be slow: that is a figure, not a failure.
        options.WriteTimeout = TimeSpan.FromMinutes(1);
        options.MaxGroupRows = _numbers.GetValueOrDefault("--group", options.MaxGroupRows);
        options.Sqlite.Files = _numbers.GetValueOrDefault("--files", options.Sqlite.Files);
        options.Sqlite.PageBytes = _numbers.GetValueOrDefault("--page", options.Sqlite.PageBytes);
        options.Sqlite.CheckpointPages = _numbers.GetValueOrDefault("--checkpoint", options.Sqlite.CheckpointPages);
        options.Postgres.Writers = _numbers.GetValueOrDefault("--writers", options.Postgres.Writers);
        options.Postgres.Readers = _numbers.GetValueOrDefault("--readers", options.Postgres.Readers);
        options.Postgres.VisitWriters = _numbers.GetValueOrDefault("--visit-writers", options.Postgres.VisitWriters);
    }

    /// <summary>Parses the command line; null when it is invalid.</summary>
    internal static StoreBenchArguments? Parse(ReadOnlySpan<string> args)
    {
        var parsed = new StoreBenchArguments();
        for (var index = 0; index < args.Length; index++)
        {
            var word = args[index];
            if (!word.StartsWith("--", StringComparison.Ordinal))
                parsed._scenarios.Add(word);
            else if (++index == args.Length)
                return null;
            else if (word == "--folder")
                parsed.Folder = args[index];
            else if (word == "--postgres")
                parsed.Postgres = args[index];
            else if (int.TryParse(args[index], CultureInfo.InvariantCulture, out var number) && number > 0)
                parsed._numbers[word] = number;
            else
                return null;
        }

        return parsed;
    }
}
