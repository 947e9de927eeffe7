using Grid.Hosting.Keys;
using Grid.Hosting.Settings;
using Grid.Silo.Hosting;
using Grid.Silo.Stores;
using Grid.Silo.Transfer;

namespace Grid.Gateway.Hosting;

/// <summary>
/// The only file of the gateway that names the silo's project; a test keeps it so. The role <see cref="GridRole.All"/>
/// hosts grains and their store in the gateway's process, and commands of the gateway read and fill that store.
/// </summary>
internal static class SiloInProcess
{
    /// <summary>Adds the member of the cluster that the settings ask for; by default a silo in this process.</summary>
    internal static IHostApplicationBuilder AddMember(this IHostApplicationBuilder builder) =>
        builder.AddGridMember(GridRole.All);

    /// <summary>
    /// Opens the store, before the host starts: a folder that another process has open is then one line, not a stack
    /// trace in the log. Null for a role without a store.
    /// </summary>
    internal static IGrainStorage? OpenStore(this IServiceProvider services) =>
        services.GetKeyedService<IGrainStorage>(GridGrainStorage.Name);

    /// <summary>The storage of venues and clients; the same as the store in a data folder.</summary>
    internal static IGrainStorage RegistryOf(IServiceProvider services) =>
        services.GetRequiredKeyedService<IGrainStorage>(SiloParts.RegistryStorage);

    /// <summary>The marks of the key ring that the store was written with.</summary>
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

    // A line for each kind of grain, then one for the visits.
    private static IEnumerable<string> Lines(TransferReport report) =>
        report.States.Select(static kind => $"{kind.Grain} {kind.Rows}").Append($"visits {report.Visits}");
}
