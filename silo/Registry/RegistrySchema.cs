using System.Data.Common;
using Grid.Silo.Schemas;
using Npgsql;

namespace Grid.Silo.Registry;

/// <summary>The schema of Persistence.AdoNet as the grid defines it: <c>Registry.sql</c>.</summary>
internal sealed class RegistrySchema(string database) : ISchema
{
    private const string Script = "Registry.sql";
    private const string IsThere =
        "SELECT to_regclass('grid_registry') IS NOT NULL AND to_regclass('orleansquery') IS NOT NULL";

    /// <inheritdoc/>
    public Task MigrateAsync(CancellationToken cancellation) => RunAsync(onlyWhenMissing: false, cancellation);

    /// <summary>Creates the schema in a new database. An existing one is left for <c>migrate</c>.</summary>
    internal Task MakeAsync(CancellationToken cancellation) => RunAsync(onlyWhenMissing: true, cancellation);

    private async Task RunAsync(bool onlyWhenMissing, CancellationToken cancellation)
    {
        await using var file = typeof(RegistrySchema).Assembly.GetManifestResourceStream(Script)!;
        using var text = new StreamReader(file);
        var sql = await text.ReadToEndAsync(cancellation);
        try
        {
            await using var connection = new NpgsqlConnection(database);
            await connection.OpenAsync(cancellation);
            await using var question = new NpgsqlCommand(IsThere, connection);
            if (onlyWhenMissing && await question.ExecuteScalarAsync(cancellation) is true)
                return;
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync(cancellation);
        }
        catch (Exception exception) when (exception is DbException or TimeoutException)
        {
            throw new StoreException(
                StoreErrorCodes.Unavailable,
                "The registry's database could not be migrated.",
                exception
            );
        }
    }
}

/// <summary>
/// Creates the schema on the first start, which therefore needs no <c>migrate</c>, as with the grid's own storage.
/// </summary>
internal sealed class RegistryOpening(RegistrySchema schema) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => schema.MakeAsync(cancellationToken);

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
