using Grid.Hosting.Keys;
using Grid.Hosting.Settings;
using Grid.Silo.Hosting;
using Grid.Silo.Stores;
using Grid.Silo.Transfer;

namespace Grid.Gateway.Hosting;

/// <summary>
/// The only gateway file that references the silo project; a test enforces it. The role <see cref="GridRole.All"/>
/// hosts grains and their store in the gateway's process, and the gateway's commands read and fill that store.
/// </summary>
internal static class SiloInProcess
{
    /// <summary>Adds the configured cluster member; by default a silo in this process.</summary>
    internal static IHostApplicationBuilder AddMember(this IHostApplicationBuilder builder) =>
        builder.AddGridMember(GridRole.All);

    /// <summary>
    /// Opens the store before the host starts, so that a folder in use by another process gives one line and no stack
    /// trace. Null for a role without a store.
    /// </summary>
    internal static IGrainStorage? OpenStore(this IServiceProvider services) =>
        services.GetKeyedService<IGrainStorage>(GridGrainStorage.Name);

    /// <summary>The storage of venues and clients; with a data folder, the store itself.</summary>
    internal static IGrainStorage RegistryOf(IServiceProvider services) =>
        services.GetRequiredKeyedService<IGrainStorage>(SiloParts.RegistryStorage);

    /// <summary>The store's record of the key ring it was written with.</summary>
    internal static IRingMarks RingMarksOf(IConfiguration configuration, string dataFolder) =>
        GridStores.MarksOf(configuration, dataFolder);

    /// <inheritdoc cref="GridTransfer.IsExport"/>
    internal static bool IsExport(string path) => GridTransfer.IsExport(path);

    /// <inheritdoc cref="GridTransfer.UseForTransfer"/>
    internal static void UseForTransfer(IServiceCollection services) => services.UseForTransfer();

    /// <inheritdoc cref="GridTransfer.Export"/>
    internal static IEnumerable<string> Export(IServiceProvider services, string path) =>
        Lines(GridTransfer.Export(services, path));

    /// <inheritdoc cref="GridTransfer.ImportAsync"/>
    internal static async Task<IEnumerable<string>> ImportAsync(
        IServiceProvider services,
        string path,
        string dataFolder
    ) => Lines(await GridTransfer.ImportAsync(services, path, dataFolder));

    // One line per kind of grain, then one for the visits.
    private static IEnumerable<string> Lines(TransferReport report) =>
        report.States.Select(static kind => $"{kind.Grain} {kind.Rows}").Append($"visits {report.Visits}");
}
