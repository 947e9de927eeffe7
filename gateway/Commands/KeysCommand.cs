using System.Globalization;
using Grid.Keys;

namespace Grid.Gateway.Commands;

/// <summary>
/// <c>keys rotate [--purpose access-token|display-token|profile] [--after hh:mm:ss]</c>: new keys; the old ones go on
/// reading.
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
        arguments.Allow("purpose", "after");
        if (arguments.Words is not [_, "rotate"])
            throw new CommandException("The command 'keys' knows: keys rotate [--purpose access-token|display-token|profile] [--after hh:mm:ss].");
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
