using System.Globalization;
using Grid.Codec;
using Grid.Engine.Wire;
using Grid.Silo.Hosting;

namespace Grid.Silo.Cluster;

/// <summary>The certificates of a process of a cluster.</summary>
internal static class ClusterCertificates
{
    private static readonly TimeSpan s_validity = TimeSpan.FromDays(365);
    private static readonly TimeSpan s_renewBefore = TimeSpan.FromDays(30);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    /// <summary>Where the certificates are; null when connections are not secured.</summary>
    /// <exception cref="WireTlsException">What is missing can't be made.</exception>
    internal static WireTlsOptions? Of(IHostApplicationBuilder builder, ClusterOptions options, GridRole role)
    {
        if (!(options.Tls.Enabled ?? !builder.Environment.IsDevelopment()))
            return null;
        if (options.Tls.Folder is { Length: > 0 } given)
            return GridAuthority.FilesOf(Path.GetFullPath(given), role);
        var folder = CertificatesCommand.FolderOf(GridOptions.DataFolderOf(builder.Configuration));
        // Across machines each has the pair that it was given, and nobody the authority's key.
        if (GridStores.DatabasesOf(builder.Configuration).Length == 0)
            MakeMissing(folder, role);
        return GridAuthority.FilesOf(folder, role);
    }

    // Processes that start together on a fresh folder must not make two authorities.
    private static void MakeMissing(string folder, GridRole role)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"grid-certificates-{Partitions.StableHash(folder):x16}");
        using var alone = new Mutex(initiallyOwned: false, name);
        try
        {
            if (!alone.WaitOne(s_patience))
                throw new WireTlsException($"Another process makes the certificates in {folder} and does not come to an end.");
        }
        catch (AbandonedMutexException)
        {
            // It died over it; files are replaced as a whole, so what is there is good.
        }

        try
        {
            var authority = GridAuthority.OpenOrMake(folder, TimeProvider.System, out _);
            if (!authority.HasPair(role, s_renewBefore))
                authority.Issue(role, s_validity);
        }
        finally
        {
            alone.ReleaseMutex();
        }
    }
}
