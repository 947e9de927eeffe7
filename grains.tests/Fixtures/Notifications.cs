namespace Grid.Tests.Fixtures;

/// <summary>A message to a phone, as the development notifier writes it: a code or a notice.</summary>
internal sealed record Notification(
    string To,
    Guid? ResidentId = null,
    Guid? RegistrationId = null,
    string? Code = null,
    string? Notice = null
)
{
    /// <summary>Whether it is for a resident, or for somebody who registers under that id.</summary>
    internal bool IsFor(Guid id) => (ResidentId ?? RegistrationId) == id;
}

/// <summary>The messages that the development notifier wrote in a data folder.</summary>
internal static class Notifications
{
    /// <summary>
    /// The one-time code that a resident was sent last. It may come after the answer to the call that asked for it:
    /// that answer has a time of its own, so that it gives nothing away.
    /// </summary>
    internal static async Task<string> CodeForAsync(Guid resident, string dataFolder) =>
        (await LastAsync(dataFolder, sent => sent.Code is not null && sent.IsFor(resident))).Code!;

    /// <summary>Waits for a message of a kind and returns the last.</summary>
    internal static async Task<Notification> LastAsync(string dataFolder, Func<Notification, bool> isIt)
    {
        Notification? found = null;
        await Waiting.UntilAsync(
            () => (found = Of(dataFolder).LastOrDefault(isIt)) is not null,
            "a message is sent to a phone"
        );
        return found!;
    }

    /// <summary>All messages up to now.</summary>
    internal static IEnumerable<Notification> Of(string dataFolder)
    {
        var folder = new DirectoryInfo(Path.Combine(dataFolder, "notifications"));
        var files = folder.Exists ? folder.GetFiles() : [];
        foreach (var file in files.OrderBy(static file => file.Name, StringComparer.Ordinal))
        {
            using var stream = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream);
            while (reader.ReadLine() is { } line)
            {
                // The last line may be half written.
                if (line.EndsWith('}'))
                    yield return GridJson.Read<Notification>(line);
            }
        }
    }
}
