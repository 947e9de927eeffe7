using System.CommandLine;
using System.CommandLine.Help;
using Grid.Hosting.Settings;
using Grid.Hosting.Start;

namespace Grid.Commands;

/// <summary>
/// The command line of a program. Its first word is the command; without one the program serves. Settings such as
/// <c>--Grid:Data FOLDER</c> may stand anywhere after the command.
/// </summary>
/// <param name="program">The program's name, such as <c>gateway</c>.</param>
/// <param name="description">The description in <c>--help</c>.</param>
/// <param name="serve">Serves, with the settings of the command line.</param>
/// <param name="commands">Factories, each of one command for the given settings.</param>
public sealed class CommandLine(
    string program,
    string description,
    Func<string[], Task> serve,
    params Func<CommandSettings, Command>[] commands
)
{
    /// <summary>The exit code of a command that succeeded.</summary>
    public const int Done = 0;

    /// <summary>The exit code of a command that failed; standard error has the reason in one line.</summary>
    public const int Failed = 1;

    /// <summary>The exit code of a wrongly used command; it changed nothing.</summary>
    public const int WrongUsage = 2;

    private static readonly string[] AskForHelp = ["--help", "-h", "-?"];

    /// <summary>Runs to the end and returns the exit code. Does not catch the exception of a bug.</summary>
    public async Task<int> RunAsync(string[] args)
    {
        try
        {
            if (args is ["help", .. var rest])
                return await RunCommandAsync([.. rest, "--help"]);
            if (args is [var first, ..] && (!first.StartsWith('-') || AskForHelp.Contains(first)))
                return await RunCommandAsync(args);
            await serve(args);
            return Done;
        }
        catch (UsageException exception)
        {
            return await EndAsync(WrongUsage, exception.Message);
        }
        catch (Exception exception) when (ReasonOf(exception) is { } reason)
        {
            return await EndAsync(Failed, reason);
        }
    }

    private static async Task<int> EndAsync(int code, string reason)
    {
        await Console.Error.WriteLineAsync(reason.ReplaceLineEndings(" "));
        return code;
    }

    /// <summary>The line for an error that a user can fix; null for a bug, which keeps its stack trace.</summary>
    private static string? ReasonOf(Exception exception) =>
        exception switch
        {
            CommandException => exception.Message,
            AggregateException { InnerExceptions: [var one] } => ReasonOf(one),
            InvalidOperationException { InnerException: CommandException inner } => inner.Message,
            _ => StartFailure.ReasonOf(exception),
        };

    private async Task<int> RunCommandAsync(string[] args)
    {
        var settings = CommandSettings.Split(args, out var words);
        var help = new HelpOption();
        help.Action = new ExampleHelp((HelpAction)help.Action!);
        var root = new Command(program, description) { help };
        foreach (var make in commands)
            root.Add(make(settings));
        // Disable response files: the parser would read a word that begins with @ as a file name.
        var parsed = root.Parse(words, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.GetResult(help) is not { Implicit: false } && ErrorOf(parsed) is { } error)
            throw new UsageException(error);
        // Exceptions of an action belong to the caller of RunAsync, and signals to the host that the action may run.
        return await parsed.InvokeAsync(
            new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }
        );
    }

    private string? ErrorOf(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var path = PathOf(parsed);
        if (parsed.UnmatchedTokens is [var unknown, ..])
        {
            var printable = new string([.. unknown.Take(40).Where(static c => !char.IsControl(c))]);
            if (unknown.StartsWith('-'))
                return $"The command '{path}' has no option {printable}; see {program} {path} --help.";
            if (command.Subcommands.Count == 0)
                return $"The command '{path}' does not take '{printable}'; see {program} {path} --help.";
            var names = command.Subcommands.Select(each => $"{path} {each.Name}".Trim());
            return FormerSettings.Command(unknown)
                ?? $"There is no command '{$"{path} {printable}".Trim()}'; there are {string.Join(", ", names)}.";
        }
        var errors = string.Join(" ", parsed.Errors.Select(static error => error.Message).Distinct());
        return errors.Length == 0 ? null : $"{errors} See {program} {path} --help.";
    }

    // The names of the command and its parents, without the program's.
    private static string PathOf(ParseResult parsed)
    {
        var names = new List<string>();
        for (var at = parsed.CommandResult; at.Parent is System.CommandLine.Parsing.CommandResult outer; at = outer)
            names.Insert(0, at.Command.Name);
        return string.Join(' ', names);
    }
}
