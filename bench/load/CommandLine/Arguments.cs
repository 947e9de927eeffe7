using System.Globalization;

namespace Grid.Bench.Load.CommandLine;

/// <summary>
/// An error that ends the tool with one line for the user: a wrong option, or a server that does not answer.
/// </summary>
internal sealed class LoadException(string message) : Exception(message);

/// <c>--name value</c>, <c>--name=value</c> and <c>--flag</c>. The command reads each option once; <see cref="Finish"/>
/// refuses the options that no command read, so that a misspelt option is always reported.
internal sealed class Arguments
{
    private readonly Dictionary<string, string?> _given = new(StringComparer.Ordinal);
    private readonly List<string> _order = [];

    public Arguments(IEnumerable<string> arguments)
    {
        string? open = null;
        foreach (var argument in arguments)
        {
            if (!argument.StartsWith("--", StringComparison.Ordinal))
            {
                if (open is null)
                    throw new LoadException($"'{argument}' is not an option");
                _given[open] = argument;
                open = null;
                continue;
            }
            var equals = argument.IndexOf('=');
            var name = equals < 0 ? argument[2..] : argument[2..equals];
            if (!_given.TryAdd(name, equals < 0 ? null : argument[(equals + 1)..]))
                throw new LoadException($"--{name} is given twice");
            _order.Add(name);
            open = equals < 0 ? name : null;
        }
    }

    public string? Text(string name)
    {
        if (!_given.Remove(name, out var value))
            return null;
        return value ?? throw new LoadException($"--{name} needs a value");
    }

    public string Text(string name, string otherwise) => Text(name) ?? otherwise;

    public bool Flag(string name)
    {
        if (!_given.Remove(name, out var value))
            return false;
        return value is null ? true : throw new LoadException($"--{name} takes no value");
    }

    public string OneOf(string name, string otherwise, params ReadOnlySpan<string> allowed)
    {
        var value = Text(name) ?? otherwise;
        foreach (var one in allowed)
        {
            if (one == value)
                return value;
        }
        throw new LoadException($"--{name} is one of {string.Join(", ", allowed!)}; not '{value}'");
    }

    public int Number(string name, int otherwise, int min, int max)
    {
        if (Text(name) is not { } text)
            return otherwise;
        if (
            !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || number < min
            || number > max
        )
            throw new LoadException($"--{name} is a whole number from {min} to {max}; not '{text}'");
        return number;
    }

    public double Fraction(string name, double otherwise, double min, double max)
    {
        if (Text(name) is not { } text)
            return otherwise;
        if (
            !double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            || number < min
            || number > max
        )
            throw new LoadException(
                string.Create(CultureInfo.InvariantCulture, $"--{name} is a number from {min} to {max}; not '{text}'")
            );
        return number;
    }

    public TimeSpan Duration(string name, TimeSpan otherwise, TimeSpan min, TimeSpan max)
    {
        if (Text(name) is not { } text)
            return otherwise;
        if (!Quantities.TryDuration(text, out var duration) || duration < min || duration > max)
            throw new LoadException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"--{name} is a duration such as 500ms, 10s or 2m, "
                        + $"from {min.TotalSeconds:0.###}s to {max.TotalSeconds:0.###}s; not '{text}'"
                )
            );
        return duration;
    }

    /// <summary>Refuses the options that no command read.</summary>
    public void Finish()
    {
        foreach (var name in _order)
        {
            if (_given.ContainsKey(name))
                throw new LoadException($"--{name} is not an option of this command");
        }
    }
}
