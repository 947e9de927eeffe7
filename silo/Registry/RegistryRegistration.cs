using Grid.Silo.Hosting;
using Grid.Silo.Stores;
using Grid.Silo.Transfer;

namespace Grid.Silo.Registry;

/// <summary>
/// Storage of rarely written grains in a cluster: Persistence.AdoNet on PostgreSQL. Each write costs a transaction but
/// needs no queue, lane or owner, which suits venues and clients.
/// </summary>
internal static class RegistryRegistration
{
    private const string Behind = "registry-adonet";

    /// <summary>
    /// Adds the storage under <see cref="SiloParts.RegistryStorage"/>; the last registration of a name wins.
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

    // The same bytes as in the grid's other stores, so that a record can move. Orleans versions differ in whether the
    // two values may be null; without annotations the code compiles with both.
#nullable disable
    private sealed class StateSerializer : IGrainStorageSerializer
    {
        public BinaryData Serialize<T>(T input) => new(StateBytes.Encode(input));

        public T Deserialize<T>(BinaryData input) => StateBytes.Decode<T>(input.ToMemory().Span);
    }
#nullable restore
}
