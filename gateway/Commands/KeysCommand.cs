using System.CommandLine;
using System.Globalization;
using Grid.Commands;
using Grid.Gateway.Hosting;
using Grid.Hosting.Keys;
using Grid.Keys;

namespace Grid.Gateway.Commands;

/// <summary>
/// <c>keys</c>: <c>rotate</c> makes new keys, <c>revoke</c> ends one at once, <c>list</c> shows them without secrets,
/// and <c>gateway</c> writes a ring for gateways, without the keys that open names.
/// </summary>
internal static class KeysCommand
{
    private static readonly Dictionary<string, KeyPurpose> Purposes = new(StringComparer.Ordinal)
    {
        ["access-token"] = KeyPurpose.AccessToken,
        ["display-token"] = KeyPurpose.DisplayToken,
        ["profile"] = KeyPurpose.Profile,
    };

    internal static Command Create(CommandSettings settings) =>
        new("keys", "Shows, rotates and revokes the keys of the data folder.")
        {
            Rotate(settings),
            Revoke(settings),
            List(settings),
            ForGateways(settings),
        };

    private static Command Rotate(CommandSettings settings)
    {
        var purpose = CommandOptions.OneOf("--purpose", "The purpose of the key. Default: all three.", Purposes.Keys);
        var after = new Option<TimeSpan>("--after")
        {
            Description = "When the new keys start to sign; every process must have read them by then.",
            HelpName = "hh:mm:ss",
            DefaultValueFactory = static _ => KeyRing.ActivationDelay,
            CustomParser = static result =>
                CommandOptions.Read<TimeSpan?>(
                    result,
                    static text =>
                        TimeSpan.TryParseExact(text, ["c", @"h\:mm\:ss"], CultureInfo.InvariantCulture, out var time)
                            ? time
                            : null,
                    "The option --after must be a time, hh:mm:ss."
                ) ?? KeyRing.ActivationDelay,
        };
        var command = new GridCommand(
            "rotate",
            "Makes new keys; the old ones stay valid for reading.",
            "gateway keys rotate --purpose access-token"
        )
        {
            purpose,
            after,
        };
        command.SetAction((parsed, _) => RotateAsync(settings, parsed.GetValue(purpose), parsed.GetValue(after)));
        return command;
    }

    private static Command Revoke(CommandSettings settings)
    {
        var purpose = CommandOptions.OneOf("--purpose", "The purpose of the key.", Purposes.Keys);
        var id = CommandOptions.Number<byte>(
            "--id",
            "The number of the key; 'keys list' shows them.",
            0,
            byte.MaxValue
        );
        (purpose.Required, id.Required) = (true, true);
        var command = new GridCommand(
            "revoke",
            "Ends a key at once: all that it signed becomes invalid.",
            "gateway keys revoke --purpose access-token --id 1"
        )
        {
            purpose,
            id,
        };
        command.SetAction(
            (parsed, _) => RevokeAsync(settings, parsed.GetRequiredValue(purpose), parsed.GetValue(id)!.Value)
        );
        return command;
    }

    private static Command List(CommandSettings settings)
    {
        var command = new GridCommand(
            "list",
            "Shows the keys of each purpose, without their secrets.",
            "gateway keys list"
        );
        command.SetAction((_, _) => ListAsync(settings));
        return command;
    }

    private static Command ForGateways(CommandSettings settings)
    {
        var to = CommandOptions.Text("--to", "The gateway's data folder.", "folder");
        to.Required = true;
        var command = new GridCommand(
            "gateway",
            "Writes a ring for gateways, without the keys that open names.",
            "gateway keys gateway --to /srv/gateway-data"
        )
        {
            to,
        };
        command.SetAction((parsed, _) => CopyAsync(settings, parsed.GetRequiredValue(to)));
        return command;
    }

    private static KeyRing Open(CommandSettings settings)
    {
        SiloInProcess.RingMarksOf(settings.Configuration, settings.DataFolder).RefuseWithoutRing(settings.DataFolder);
        return KeyRing.Open(settings.DataFolder, TimeProvider.System);
    }

    private static async Task RotateAsync(CommandSettings settings, string? only, TimeSpan after)
    {
        var ring = Open(settings);
        foreach (var (name, purpose) in Purposes)
        {
            if (only is not null && only != name)
                continue;
            ring.Rotate(purpose, after);
            await Console.Out.WriteLineAsync($"{name} {ring.All(purpose)[^1].Id}");
        }
        await Console.Error.WriteLineAsync(
            $"The new keys sign after {after.TotalSeconds:0} s; the old ones stay valid for reading."
        );
    }

    private static async Task RevokeAsync(CommandSettings settings, string name, byte id)
    {
        var (ring, purpose) = (Open(settings), Purposes[name]);
        ring.Revoke(purpose, id);
        await Console.Out.WriteLineAsync($"{name} {ring.Active(purpose).Id}");
        await Console.Error.WriteLineAsync(
            "The key is revoked. Processes that share this folder follow within seconds; "
                + "copy the ring to all other processes."
        );
    }

    private static async Task ListAsync(CommandSettings settings)
    {
        var ring = Open(settings);
        foreach (var (name, purpose) in Purposes)
        {
            foreach (var key in ring.All(purpose))
            {
                var writes = key.Id == ring.Active(purpose).Id ? " writes" : "";
                await Console.Out.WriteLineAsync(
                    $"{name} {key.Id} {key.CreatedAt.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}{writes}"
                );
            }
        }
    }

    private static async Task CopyAsync(CommandSettings settings, string folder)
    {
        var ring = Open(settings);
        if (KeyRing.Exists(folder) && KeyRing.Open(folder, TimeProvider.System).HasProfileKeys)
            throw new CommandException(
                $"{folder} has a full ring, which a gateway's ring would replace. Name another folder."
            );
        ring.CopyForGateway(folder);
        await Console.Out.WriteLineAsync(Path.Combine(folder, "keys", "ring.json"));
        await Console.Error.WriteLineAsync(
            "A gateway needs only this ring. Copy it again after each change of the full ring."
        );
    }
}
