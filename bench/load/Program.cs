using Grid.Bench.Load.CommandLine;

namespace Grid.Bench.Load;

internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        var (command, rest) = arguments is [var first, ..] && !first.StartsWith('-') ? (first, arguments[1..]) : ("run", arguments);
        try
        {
            return command switch
            {
                _ when rest.Contains("--help") || command == "help" => Help(),
                "run" => await RunCommand.RunAsync(LoadOptions.Parse(rest)),
                "ceiling" => await Ceiling.RunAsync(rest),
                _ => throw new OptionException($"'{command}' is not a command; try: help"),
            };
        }
        catch (OptionException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }

    private static int Help()
    {
        Console.WriteLine("later");
        return 0;
    }
}
