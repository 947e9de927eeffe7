using System.Text.Json;

namespace Grid.Tests.Fixtures;

/// <summary>What the development notifier noted in a data folder.</summary>
internal static class Notifications
{
    /// <summary>
    /// The one-time code that a resident was sent last. It is waited for: the answer to who asked for it comes in a time of
    /// its own, so that it gives nothing away, and on a busy machine before the code.
    /// </summary>
    internal static async Task<string> CodeForAsync(Guid resident, string dataFolder) =>
        (await LastAsync(dataFolder, line => line.TryGetProperty("code", out _) && IsFor(resident, line))).GetProperty("code").GetString()!;

    /// <summary>The last message of a kind, which is waited for.</summary>
    internal static async Task<JsonElement> LastAsync(string dataFolder, Func<JsonElement, bool> isIt)
    {
        var found = default(JsonElement);
        await Waiting.UntilAsync(
            () => (found = Of(dataFolder).LastOrDefault(isIt)).ValueKind == JsonValueKind.Object, "a message is sent to a phone");
        return found;
    }

    /// <summary>Whether a message is for a resident, or for somebody who registers under that id.</summary>
    internal static bool IsFor(Guid id, JsonElement line) =>
        (line.TryGetProperty("residentId", out var of) || line.TryGetProperty("registrationId", out of)) && of.GetGuid() == id;

    /// <summary>All messages up to now.</summary>
    internal static IEnumerable<JsonElement> Of(string dataFolder)
    {
        var folder = new DirectoryInfo(Path.Combine(dataFolder, "notifications"));
        foreach (var file in folder.Exists ? folder.GetFiles().OrderBy(static file => file.Name, StringComparer.Ordinal) : Enumerable.Empty<FileInfo>())
        {
            using var reader = new StreamReader(new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            while (reader.ReadLine() is { } line)
            {
                // The last line may be half written.
                if (line.EndsWith('}'))
                    yield return JsonDocument.Parse(line).RootElement;
            }
        }
    }
}
