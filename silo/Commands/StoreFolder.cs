using Grid.Commands;
using Grid.Hosting.Start;
using Grid.Hosting.Stores;
using Grid.Silo.Backup;

namespace Grid.Silo.Commands;

/// <summary>Shared parts of the commands on a data folder: <c>backup</c>, <c>restore</c> and <c>verify</c>.</summary>
internal static class StoreFolder
{
    /// <summary>The settings that a silo would have with these arguments.</summary>
    /// <exception cref="CommandException">The state is not stored in a data folder.</exception>
    internal static IConfiguration ConfigurationOf(CommandSettings settings)
    {
        var configuration = GridHosts.CreateBuilder(settings.Arguments).Configuration;
        return Databases.Of(configuration).Length == 0
            ? configuration
            : throw new CommandException(
                "The state is in PostgreSQL (Grid:Postgres): back it up with its own tools, "
                    + "see Backup in docs/operations.md."
            );
    }

    /// <summary>Prints a line for each table.</summary>
    internal static async Task TellAsync(IEnumerable<TableCount> tables)
    {
        foreach (var table in tables)
            await Console.Out.WriteLineAsync(
                $"{table.Table} rows {table.Rows} versions {table.Versions} sha256 {table.Sha256}"
            );
    }
}
