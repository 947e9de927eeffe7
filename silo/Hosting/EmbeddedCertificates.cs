using System.Globalization;
using Grid.Engine.Wire;

namespace Grid.Silo.Hosting;

/// <summary>
/// <c>certificates</c>: makes what silos and gateways show each other, in the folder where they look for it. The first run makes
/// an authority; each run makes the pairs that are missing or in the last third of their life, or all with <c>--renew true</c>.
/// Running processes take new pairs by themselves.
/// </summary>
public static class CertificatesCommand
{
    /// <summary>Its name.</summary>
    public const string Name = "certificates";

    private const int DaysDefault = 397;
    private const int DaysMax = 3650;

    /// <summary>Where the certificates of a data folder are.</summary>
    public static string FolderOf(string data) => Path.Combine(data, "cluster", "tls");

    /// <summary>Makes them; 0, or 1 with a line of reason on standard error.</summary>
    /// <param name="settings"><c>[--folder FOLDER] [--days N] [--renew true]</c>, and <c>--Grid:Data FOLDER</c> as everywhere.</param>
    /// <param name="time">The clock.</param>
    public static async Task<int> RunAsync(IConfiguration settings, TimeProvider time)
    {
        try
        {
            var folder = Path.GetFullPath(settings["folder"] is { Length: > 0 } named ? named : FolderOf(GridOptions.DataFolderOf(settings)));
            var days = DaysDefault;
            if (settings["days"] is { } text
                && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out days) || days is < 1 or > DaysMax))
            {
                throw new ArgumentException($"--days must be a number from 1 to {DaysMax}.");
            }

            var renews = settings["renew"] switch
            {
                null or "false" => false,
                "true" => true,
                _ => throw new ArgumentException("--renew must be true or false."),
            };
            var validity = TimeSpan.FromDays(days);
            var authority = GridAuthority.OpenOrMake(folder, time, out var isNew);
            if (isNew)
                await Console.Out.WriteLineAsync($"{Path.Combine(folder, GridAuthority.AuthorityFile)}: new authority");
            foreach (var role in Enum.GetValues<GridRole>())
            {
                var path = GridAuthority.FilesOf(folder, role).Certificate;
                await Console.Out.WriteLineAsync(renews || !authority.HasPair(role, validity / 3)
                    ? string.Create(CultureInfo.InvariantCulture, $"{path}: good until {authority.Issue(role, validity):u}")
                    : $"{path}: stays");
            }

            return 0;
        }
        catch (Exception fault) when (fault is WireTlsException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(fault.Message.ReplaceLineEndings(" "));
            return 1;
        }
    }
}
