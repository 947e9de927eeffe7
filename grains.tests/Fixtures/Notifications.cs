using System.Text.Json;

namespace Grid.Tests.Fixtures;

/// <summary>What the development notifier noted in a data folder.</summary>
internal static class Notifications
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_pollPeriod = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// The one-time code that a resident was sent last. It is waited for: the answer to who asked for it comes in a time of
    /// its own, so that it gives nothing away, and on a busy machine before the code.
    /// </summary>
    internal static async Task<string> CodeForAsync(Guid resident, string dataFolder)
    {
        using var limit = new CancellationTokenSource(s_patience);
        using var pause = new PeriodicTimer(s_pollPeriod, TimeProvider.System);
        while (true)
        {
            if (CodeFor(resident, new DirectoryInfo(Path.Combine(dataFolder, "notifications"))) is { } code)
                return code;
            Assert.True(await pause.WaitForNextTickAsync(limit.Token), "a one-time code is sent");
        }
    }

    private static string? CodeFor(Guid resident, DirectoryInfo notifications)
    {
        if (!notifications.Exists)
            return null;
        foreach (var file in notifications.GetFiles())
        {
            using var reader = new StreamReader(new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            foreach (var line in reader.ReadToEnd().Split('\n').Reverse())
            {
                // The last line may be half written.
                if (line.EndsWith('}') && line.Contains(resident.ToString(), StringComparison.Ordinal)
                    && line.Contains("\"code\":", StringComparison.Ordinal))
                    return JsonDocument.Parse(line).RootElement.GetProperty("code").GetString();
            }
        }
        return null;
    }
}
