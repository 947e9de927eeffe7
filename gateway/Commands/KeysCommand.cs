using System.Globalization;
using Grid.Keys;
using Grid.Silo.Hosting;
using Grid.Silo.Stores;

namespace Grid.Gateway.Commands;

/// <summary>
/// <c>keys rotate [--purpose access-token|display-token|profile] [--after hh:mm:ss]</c>: new keys; the old ones go on
/// reading. <c>keys revoke --purpose access-token|display-token --id N</c>: nothing that a key signed is believed any more.
/// <c>keys list</c>: the keys of each purpose, without their secrets. <c>keys gateway --to FOLDER</c>: a ring for gateways, without
/// the keys that open names.
/// </summary>
internal static class KeysCommand
{
    private static readonly Dictionary<string, KeyPurpose> Purposes = new(StringComparer.Ordinal)
    {
        ["access-token"] = KeyPurpose.AccessToken,
        ["display-token"] = KeyPurpose.DisplayToken,
        ["profile"] = KeyPurpose.Profile,
    };

    internal static async Task RunAsync(CommandArguments arguments)
    {
        arguments.Allow("purpose", "after", "id", "to");
        GridStores.MarksOf(arguments.Configuration, arguments.DataFolder).RefuseWithoutRing(arguments.DataFolder);
        switch (arguments.Words)
        {
            case [_, "rotate"]:
                await RotateAsync(arguments);
                break;
            case [_, "revoke"]:
                await RevokeAsync(arguments);
                break;
            case [_, "list"]:
                await ListAsync(arguments);
                break;
            case [_, "gateway"]:
                await CopyAsync(arguments);
                break;
            default:
                throw new CommandException(
                    "The command 'keys' knows: keys rotate [--purpose access-token|display-token|profile] [--after hh:mm:ss], "
                    + "keys revoke --purpose access-token|display-token --id N, keys list, and keys gateway --to FOLDER.");
        }
    }

    private static async Task RevokeAsync(CommandArguments arguments)
    {
        if (!Purposes.TryGetValue(arguments.Required("purpose"), out var purpose))
            throw new CommandException($"There is no such purpose; there are {string.Join(", ", Purposes.Keys)}.");
        if (!byte.TryParse(arguments.Required("id"), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            throw new CommandException("The option --id is the number of a key; 'keys list' shows them.");
        var ring = KeyRing.Open(arguments.DataFolder, TimeProvider.System);
        ring.Revoke(purpose, id);
        await Console.Out.WriteLineAsync($"{arguments.Required("purpose")} {ring.Active(purpose).Id}");
        await Console.Error.WriteLineAsync("The key is gone. Processes that share this folder follow within seconds; bring copies of it to the others.");
    }

    private static async Task CopyAsync(CommandArguments arguments)
    {
        var folder = arguments.Required("to");
        if (KeyRing.Exists(folder) && KeyRing.Open(folder, TimeProvider.System).HasProfileKeys)
            throw new CommandException($"{folder} has a whole ring; a gateway's would take its place. Name another folder.");
        KeyRing.Open(arguments.DataFolder, TimeProvider.System).CopyForGateway(folder);
        await Console.Out.WriteLineAsync(Path.Combine(folder, "keys", "ring.json"));
        await Console.Error.WriteLineAsync("A gateway needs no more than this ring. Copy it again after each change of the whole one.");
    }

    private static async Task ListAsync(CommandArguments arguments)
    {
        var ring = KeyRing.Open(arguments.DataFolder, TimeProvider.System);
        foreach (var (name, purpose) in Purposes)
        {
            foreach (var key in ring.All(purpose))
            {
                var writes = key.Id == ring.Active(purpose).Id ? " writes" : "";
                await Console.Out.WriteLineAsync($"{name} {key.Id} {key.CreatedAt.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}{writes}");
            }
        }
    }

    private static async Task RotateAsync(CommandArguments arguments)
    {
        var asked = arguments.Option("purpose");
        if (asked is not null && !Purposes.ContainsKey(asked))
            throw new CommandException($"There is no such purpose; there are {string.Join(", ", Purposes.Keys)}.");
        var after = After(arguments.Option("after"));
        var ring = KeyRing.Open(arguments.DataFolder, TimeProvider.System);
        foreach (var (name, purpose) in Purposes)
        {
            if (asked is not null && asked != name)
                continue;
            ring.Rotate(purpose, after);
            await Console.Out.WriteLineAsync($"{name} {ring.All(purpose)[^1].Id}");
        }
        await Console.Error.WriteLineAsync($"The new keys write from {after.TotalSeconds:0} s on; the old ones go on reading.");
    }

    private static TimeSpan After(string? given)
    {
        if (given is null)
            return KeyRing.ActivationDelay;
        return TimeSpan.TryParseExact(given, ["c", @"h\:mm\:ss"], CultureInfo.InvariantCulture, out var after)
            ? after
            : throw new CommandException("The option --after is a time, hh:mm:ss.");
    }
}
