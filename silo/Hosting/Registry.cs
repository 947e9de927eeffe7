using System.Data.Common;
using Grid.Silo.Stores;
using Grid.Silo.Transfer;
using Npgsql;
using Orleans.Configuration;
using Orleans.Storage;

namespace Grid.Silo.Hosting;

/// <summary>
/// The storage of rarely written grains in a cluster: Persistence.AdoNet on PostgreSQL. It costs a transaction a write
/// and needs no queue, no lane and no owner, which is the right price for a venue or a client.
/// </summary>
internal static class Registry
{
    private const string Behind = "registry-adonet";

    /// <summary>Adds it under <see cref="SiloParts.RegistryStorage"/>; the last registration of a name counts.</summary>
    internal static void AddRegistry(this ISiloBuilder silo, string database, string service)
    {
        silo.Services.AddSingleton(new RegistryPlace(service, ["client", "venue"]));
        silo.AddAdoNetGrainStorage(Behind, storage =>
        {
            storage.Invariant = "Npgsql";
            storage.ConnectionString = database;
            storage.GrainStorageSerializer = new StateSerializer();
        });
        silo.Services.AddKeyedSingleton<IGrainStorage>(
            SiloParts.RegistryStorage,
            static (provider, _) => new RegistryStorage(provider.GetRequiredKeyedService<IGrainStorage>(Behind)));
    }

    // The same bytes as in every other store of the grid, so that a record can move. Whether these two may be null differs
    // between versions of Orleans; said neither way it is right for both.
#nullable disable
    private sealed class StateSerializer : IGrainStorageSerializer
    {
        public BinaryData Serialize<T>(T input) => new(StateBytes.Encode(input));

        public T Deserialize<T>(BinaryData input) => StateBytes.Decode<T>(input.ToMemory().Span);
    }
#nullable restore
}

/// <summary>Keeps what the grid relies on: keys that stay apart, and faults that callers know.</summary>
internal sealed class RegistryStorage(IGrainStorage inner) : IGrainStorage
{
    // AdoNet takes a key that looks like a hexadecimal number for one: "7", "07" and "0007" would share a row.
    private const string KeyMark = "k:";

    /// <inheritdoc/>
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        Guard(inner.ReadStateAsync(stateName, Marked(grainId), grainState));

    /// <inheritdoc/>
    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        Guard(inner.WriteStateAsync(stateName, Marked(grainId), grainState));

    /// <inheritdoc/>
    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        Guard(inner.ClearStateAsync(stateName, Marked(grainId), grainState));

    private static GrainId Marked(GrainId grain) => GrainId.Create(grain.Type, IdSpan.Create(KeyMark + grain.Key));

    private static async Task Guard(Task operation)
    {
        try
        {
            await operation;
        }
        catch (Exception fault) when (fault is DbException or TimeoutException)
        {
            throw new StoreException(StoreErrorCodes.Unavailable, "The registry's database does not answer.", fault);
        }
    }
}

/// <summary>The schema of Persistence.AdoNet in the grid's own words: <c>Registry.sql</c>.</summary>
internal sealed class RegistrySchema(string database) : ISchema
{
    private const string Script = "Registry.sql";
    private const string IsThere = "SELECT to_regclass('grid_registry') IS NOT NULL AND to_regclass('orleansquery') IS NOT NULL";

    /// <inheritdoc/>
    public Task MigrateAsync(CancellationToken cancellation) => RunAsync(onlyWhenMissing: false, cancellation);

    /// <summary>Makes the schema of a new database, and leaves any other as it is: that is for <c>migrate</c>.</summary>
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
        catch (Exception fault) when (fault is DbException or TimeoutException)
        {
            throw new StoreException(StoreErrorCodes.Unavailable, "The registry's database could not be migrated.", fault);
        }
    }
}

/// <summary>A first start on a new database needs no <c>migrate</c>, as with the grid's own storage.</summary>
internal sealed class RegistryOpening(RegistrySchema schema) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => schema.MakeAsync(cancellationToken);

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
