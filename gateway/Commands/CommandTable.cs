using Grid.Gateway.Hosting;
using Grid.Keys;
using Grid.Silo.Hosting;
using Grid.Silo.Stores;

namespace Grid.Gateway.Commands;

/// <summary>What was wrong with a command, in one line for standard error. The exit code is then 1.</summary>
public sealed class CommandException(string message) : Exception(message);

/// <summary>
/// The commands of the program. Without one it serves. What was asked for goes to standard output, everything else to
/// standard error; 0 is success, 1 a failure with one line of reason.
/// </summary>
internal static class CommandTable
{
    private static readonly Dictionary<string, Func<CommandArguments, Task>> Commands = new(StringComparer.Ordinal)
    {
        ["demo"] = DemoCommand.RunAsync,
        ["export"] = ExportCommand.RunAsync,
        ["import"] = ImportCommand.RunAsync,
        ["token"] = TokenCommand.RunAsync,
        ["keys"] = KeysCommand.RunAsync,
    };

    private const string Usage = """
        Without a command: serve. Settings go anywhere: --urls http://127.0.0.1:8080, --Grid:Data FOLDER.
          demo [--residents N] [--seed S] [--serve false]    fill the folder with a synthetic city and serve it
          import FILE [--format csv|ndjson] [--charset C]    register the residents of a registry file, or take in an export
          export FILE                                        write all that the store holds, for an import elsewhere
          token --role ROLE --subject SUBJECT|- [--hours H]  mint a token, or one for each line of standard input
          keys rotate [--purpose PURPOSE] [--after hh:mm:ss] new keys; the old ones go on reading
          keys revoke --purpose PURPOSE --id N               nothing that a key signed is believed any more
          keys list                                          the keys of each purpose, without their secrets
          keys gateway --to FOLDER                           a ring for gateways, without the keys that open names
        """;

    /// <summary>Runs what the command line asks for.</summary>
    internal static async Task<int> RunAsync(string[] args)
    {
        try
        {
            // A command comes first; a setting begins with dashes.
            if (args is ["--help" or "-h" or "help", ..])
                await Console.Out.WriteLineAsync(Usage);
            else if (args is not [var name, ..] || name.StartsWith('-'))
                await ServeAsync(args);
            else if (Commands.TryGetValue(name, out var command))
                await command(CommandArguments.Parse(args));
            else
                throw new CommandException($"There is no command '{Printable(name)}'; there are {string.Join(", ", Commands.Keys)}.");
            return 0;
        }
        catch (Exception fault) when (Reason(fault) is { } reason)
        {
            await Console.Error.WriteLineAsync(reason);
            return 1;
        }
    }

    private static async Task ServeAsync(string[] args)
    {
        await using var app = GatewayHost.Build(args);
        await app.Services.WaitForServersAsync();
        // Opens the store before the host starts: a folder that is taken is told in one line, and not in the host's log too.
        // A gateway that calls the silos of a cluster has none.
        app.Services.GetKeyedService<IGrainStorage>(GridGrainStorage.Name);
        // A store that was written with another key ring is told in one line too.
        app.Services.GetRequiredService<KeyRing>();
        var silosRing = app.Services.GetService<RingCheck>();
        try
        {
            await app.RunAsync();
        }
        finally
        {
            // A start that it interrupts ends as cancelled; this is why.
            silosRing?.ThrowIfOther();
        }
    }

    /// <summary>The line for what a user can put right; null for what is a bug, which keeps its stack.</summary>
    private static string? Reason(Exception exception) => exception switch
    {
        CommandException => OneLine(exception.Message),
        AggregateException { InnerExceptions: [var one] } => Reason(one),
        InvalidOperationException { InnerException: CommandException inner } => Reason(inner),
        _ => StartFailure.ReasonOf(exception),
    };

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");

    private static string Printable(string text) => new([.. text.Take(40).Where(c => !char.IsControl(c))]);
}
