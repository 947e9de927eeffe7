using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace Grid.Commands;

/// <summary>
/// Options whose values are checked before the command runs; an error names its option.
/// </summary>
public static class CommandOptions
{
    /// <summary>A whole number within limits; null when the option is omitted.</summary>
    public static Option<T?> Number<T>(string name, string description, T min, T max)
        where T : struct, IBinaryInteger<T> =>
        new(name)
        {
            Description = description,
            HelpName = "number",
            CustomParser = result =>
                Read<T?>(
                    result,
                    text =>
                        T.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
                        && value >= min
                        && value <= max
                            ? value
                            : null,
                    $"The option {name} is a whole number from {min} to {max}."
                ),
        };

    /// <summary>One of several words.</summary>
    public static Option<string> OneOf(string name, string description, IReadOnlyCollection<string> words)
    {
        var option = new Option<string>(name) { Description = description, HelpName = string.Join('|', words) };
        option.CustomParser = result =>
            Read(
                result,
                text => words.Contains(text) ? text : null,
                $"The option {name} is one of {string.Join(", ", words)}."
            );
        return option;
    }

    /// <summary>A text that is not empty.</summary>
    public static Option<string> Text(string name, string description, string helpName) =>
        new(name)
        {
            Description = description,
            HelpName = helpName,
            CustomParser = result =>
                Read(result, static text => text.Length > 0 ? text : null, $"The option {name} needs a value."),
        };

    /// <summary>Reads the only value of an option, or adds an error.</summary>
    /// <param name="result">The parsed option.</param>
    /// <param name="read">Reads the text; null when it is invalid.</param>
    /// <param name="rule">The error, with the option's name and its rule.</param>
    public static T? Read<T>(ArgumentResult result, Func<string, T?> read, string rule)
    {
        var value = result.Tokens is [var token] ? read(token.Value) : default;
        if (value is null)
            result.AddError(rule);
        return value;
    }
}
