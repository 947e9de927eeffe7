using Grid.Silo.Hosting;

namespace Grid.Gateway.Commands;

/// <summary>The words and the options of a command; settings such as <c>--Grid:Data</c> may stand among them.</summary>
internal sealed class CommandArguments
{
    private readonly Dictionary<string, string> _options = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _settings = [];

    /// <summary>The command and what follows it without dashes.</summary>
    internal List<string> Words { get; } = [];

    /// <summary>The settings, for a host that the command starts.</summary>
    internal string[] Settings => [.. _settings];

    /// <summary>All settings: files, environment, command line.</summary>
    internal IConfiguration Configuration { get; private set; } = new ConfigurationBuilder().Build();

    /// <summary>The data folder that the settings name.</summary>
    internal string DataFolder => GridOptions.DataFolderOf(Configuration);

    /// <summary>Reads <c>--name value</c> and <c>--name=value</c>.</summary>
    internal static CommandArguments Parse(string[] args)
    {
        var parsed = new CommandArguments();
        for (var i = 0; i < args.Length; i++)
        {
            if (!args[i].StartsWith("--", StringComparison.Ordinal))
            {
                parsed.Words.Add(args[i]);
                continue;
            }
            var equals = args[i].IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? args[i][2..] : args[i][2..equals];
            if (equals < 0 && i + 1 == args.Length)
                throw new CommandException($"The option --{name} needs a value.");
            var value = equals < 0 ? args[++i] : args[i][(equals + 1)..];
            parsed.Add(name, value);
        }
        parsed.Configuration = new ConfigurationBuilder()
            .AddJsonFile(Path.GetFullPath("appsettings.json"), optional: true)
            .AddEnvironmentVariables()
            .AddCommandLine(parsed.Settings)
            .Build();
        return parsed;
    }

    /// <summary>Refuses an option that the command does not know: a misspelt one would be ignored in silence.</summary>
    internal void Allow(params string[] options)
    {
        foreach (var name in _options.Keys)
        {
            if (!options.Contains(name, StringComparer.OrdinalIgnoreCase))
                throw new CommandException($"The command '{Words[0]}' has no option --{name}.");
        }
    }

    internal string? Option(string name) => _options.GetValueOrDefault(name);

    internal string Required(string name) => Option(name) is { Length: > 0 } value ? value : throw new CommandException($"The option --{name} is needed.");

    private void Add(string name, string value)
    {
        if (name.Contains(':', StringComparison.Ordinal) || name.Equals("urls", StringComparison.OrdinalIgnoreCase) || name.Equals("environment", StringComparison.OrdinalIgnoreCase))
            _settings.Add($"--{name}={value}");
        else
            _options[name] = value;
    }
}
