using System.Data.Common;

namespace Grid.Silo.Registry;

/// <summary>
/// Adapts Persistence.AdoNet to the grid: distinct keys stay distinct, and failures become <see
/// cref="StoreException"/>.
/// </summary>
internal sealed class RegistryStorage(IGrainStorage inner) : IGrainStorage
{
    // AdoNet parses a key that looks hexadecimal as a number: "7", "07" and "0007" would share a row.
    private const string KeyMark = "k:";

    /// <inheritdoc/>
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        GuardAsync(inner.ReadStateAsync(stateName, Marked(grainId), grainState));

    /// <inheritdoc/>
    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        GuardAsync(inner.WriteStateAsync(stateName, Marked(grainId), grainState));

    /// <inheritdoc/>
    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        GuardAsync(inner.ClearStateAsync(stateName, Marked(grainId), grainState));

    private static GrainId Marked(GrainId grain) => GrainId.Create(grain.Type, IdSpan.Create(KeyMark + grain.Key));

    private static async Task GuardAsync(Task operation)
    {
        try
        {
            await operation;
        }
        catch (Exception exception) when (exception is DbException or TimeoutException)
        {
            throw new StoreException(
                StoreErrorCodes.Unavailable,
                "The registry's database does not answer.",
                exception
            );
        }
    }
}
