using Grid.Silo.Hosting;
using Grid.Silo.Stores;
using Grid.Silo.Transfer;

namespace Grid.Silo.Registry;

/// <summary>
/// The storage of rarely written grains in a cluster: Persistence.AdoNet on PostgreSQL. It costs a transaction a write
/// and needs no queue, no lane and no owner, which is the right price for a venue or a client.
/// </summary>
internal static class RegistryRegistration
{
    private const string Behind = "registry-adonet";

    /// <summary>
    /// Adds it under <see cref="SiloParts.RegistryStorage"/>; the last registration of a name counts.
    /// </summary>
    internal static void AddRegistry(this ISiloBuilder silo, string database, string service)
    {
        silo.Services.AddSingleton(new RegistryPlace(service, ["client", "venue"]));
        silo.AddAdoNetGrainStorage(Behind, storage =>
        {
            storage.Invariant = "Npgsql";
            storage.ConnectionString = database;
            storage.GrainStorageSerializer = new StateSerializer();
        });
        silo.Services.AddKeyedSingleton<IGrainStorage>(SiloParts.RegistryStorage, static (provider, _) =>
            new RegistryStorage(provider.GetRequiredKeyedService<IGrainStorage>(Behind))
        );
    }

    // The same bytes as in every other store of the grid, so that a record can move. Whether these two may be null
    // differs between versions of Orleans; said neither way it is right for both.
#nullable disable
    private sealed class StateSerializer : IGrainStorageSerializer
    {
        public BinaryData Serialize<T>(T input) => new(StateBytes.Encode(input));

        public T Deserialize<T>(BinaryData input) => StateBytes.Decode<T>(input.ToMemory().Span);
    }
#nullable restore
}
