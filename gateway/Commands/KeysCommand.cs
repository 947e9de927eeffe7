using Grid.Keys;

namespace Grid.Gateway.Commands;

/// <summary><c>keys rotate [--purpose access-token|display-token|profile]</c>: new keys; the old ones go on reading.</summary>
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
        arguments.Allow("purpose");
        if (arguments.Words is not [_, "rotate"])
            throw new CommandException("The command 'keys' knows: keys rotate [--purpose access-token|display-token|profile].");
        var asked = arguments.Option("purpose");
        if (asked is not null && !Purposes.ContainsKey(asked))
            throw new CommandException($"There is no such purpose; there are {string.Join(", ", Purposes.Keys)}.");
        var ring = KeyRing.Open(arguments.DataFolder, TimeProvider.System);
        foreach (var (name, purpose) in Purposes)
        {
            if (asked is not null && asked != name)
                continue;
            ring.Rotate(purpose);
            await Console.Out.WriteLineAsync($"{name} {ring.All(purpose)[^1].Id}");
        }
        await Console.Error.WriteLineAsync($"The new keys write from {KeyRing.ActivationDelay.TotalSeconds:0} s on; the old ones go on reading.");
    }
}
