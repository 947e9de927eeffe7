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
    /// <summary>Whether it was sent for this resident or registration.</summary>
    internal bool IsFor(Guid id) => (ResidentId ?? RegistrationId) == id;
}

/// <summary>The messages that the development notifier wrote in a data folder.</summary>
internal static class Notifications
{
    /// <summary>
    /// Waits for the latest one-time code of a resident. It may arrive after the answer to the call: the answer has a
    /// fixed response time, so that it reveals nothing.
    /// </summary>
    internal static async Task<string> CodeForAsync(Guid resident, string dataFolder) =>
        (await LastAsync(dataFolder, sent => sent.Code is not null && sent.IsFor(resident))).Code!;

    /// <summary>Waits for a matching message and returns the latest.</summary>
    internal static async Task<Notification> LastAsync(string dataFolder, Func<Notification, bool> matches)
    {
        Notification? found = null;
        await Waiting.UntilAsync(
            () => (found = Of(dataFolder).LastOrDefault(matches)) is not null,
            "a message is sent to a phone"
        );
        return found!;
    }

    /// <summary>All messages written so far.</summary>
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
                // The last line may be incomplete.
                if (line.EndsWith('}'))
                    yield return GridJson.Read<Notification>(line);
            }
        }
    }
}
