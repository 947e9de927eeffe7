using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Grid.Commands;

/// <summary>A command whose <c>--help</c> ends with an example.</summary>
/// <param name="name">The command's name.</param>
/// <param name="description">The description in <c>--help</c>.</param>
/// <param name="example">A line to paste into a shell.</param>
public sealed class GridCommand(string name, string description, string example) : Command(name, description)
{
    /// <summary>A line to paste into a shell.</summary>
    public string Example { get; } = example;
}

/// <summary>The parser's own help, followed by the settings and an example.</summary>
internal sealed class ExampleHelp(HelpAction inner) : SynchronousCommandLineAction
{
    private const string Settings = """
        Settings:
          --Grid:Data FOLDER  The folder of keys, store and spool. [default: grid-data]
          --Grid:…            Every setting of docs/settings.md; also from the environment, as Grid__Data.

        """;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        inner.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine(Settings);
        if (parseResult.CommandResult.Command is GridCommand { Example: var example })
            output.WriteLine($"Example:\n  {example}\n");
        return CommandLine.Done;
    }
}
