using Grid.Hosting.Settings;

namespace Grid.Commands;

/// <summary>The settings of a command line, separated from the command and its options.</summary>
public sealed class CommandSettings
{
    private CommandSettings(string[] arguments)
    {
        Arguments = arguments;
        Configuration = new ConfigurationBuilder()
            .AddJsonFile(Path.GetFullPath("appsettings.json"), optional: true)
            .AddEnvironmentVariables()
            .AddCommandLine(arguments)
            .Build();
    }

    /// <summary>The settings as arguments, for a host that the command starts.</summary>
    public string[] Arguments { get; }

    /// <summary>All settings: file, environment, command line.</summary>
    public IConfiguration Configuration { get; }

    /// <summary>The data folder that the settings name.</summary>
    public string DataFolder => GridOptions.DataFolderOf(Configuration);

    /// <summary>
    /// Separates the settings from a command line: each option with a colon in its name, <c>--urls</c> and
    /// <c>--environment</c>. The other words belong to the command, whose options ignore case.
    /// </summary>
    /// <exception cref="UsageException">A setting has no value.</exception>
    internal static CommandSettings Split(string[] args, out string[] words)
    {
        var (settings, others) = (new List<string>(), new List<string>());
        for (var i = 0; i < args.Length; i++)
        {
            if (!args[i].StartsWith("--", StringComparison.Ordinal))
            {
                others.Add(args[i]);
                continue;
            }
            var (name, value) = args[i].IndexOf('=', StringComparison.Ordinal) is >= 0 and var at
                ? (args[i][..at], args[i][(at + 1)..])
                : (args[i], null);
            if (!IsSetting(name[2..]))
                others.Add(value is null ? name.ToLowerInvariant() : $"{name.ToLowerInvariant()}={value}");
            else if (value is null && ++i == args.Length)
                throw new UsageException($"The setting {name} needs a value.");
            else
                settings.Add($"{name}={value ?? args[i]}");
        }
        words = [.. others];
        return new CommandSettings([.. settings]);
    }

    private static bool IsSetting(string name) =>
        name.Contains(':', StringComparison.Ordinal)
        || name.Equals("urls", StringComparison.OrdinalIgnoreCase)
        || name.Equals("environment", StringComparison.OrdinalIgnoreCase);
}
