using System.Text.Json;

namespace Grid.Gateway.Errors;

/// <summary>A value of the wrong format, thrown by a converter; the serializer adds the field's path.</summary>
/// <param name="rule">The rule, to follow the field's name: "is a time …".</param>
internal sealed class FieldFormatException(string rule) : JsonException(rule);

/// <summary>
/// Maps a JSON exception to a code and a detail. The exception's own message quotes the input, which may be personal;
/// the detail contains only the position and the name of a contract field.
/// </summary>
internal static class JsonProblems
{
    // The runtime has no exception type for duplicates; a test reads such a body and detects a changed message.
    private const string Duplicate = "Duplicate propert";

    internal static (ErrorCode Code, string? Detail) Map(JsonException json) =>
        Find(json) ?? (ErrorCodes.JsonInvalid, OfAnotherType(json) ?? Where(json));

    /// <summary>An error with a code of its own; null for invalid JSON.</summary>
    internal static (ErrorCode Code, string? Detail)? Find(JsonException json)
    {
        if (json is FieldFormatException)
            return (ErrorCodes.FieldInvalid, $"The field '{FieldOf(json)}' {json.Message}.");
        if (json.Message.StartsWith(Duplicate, StringComparison.Ordinal))
        {
            var field = FieldOf(json);
            return (ErrorCodes.KeyDuplicate, field.Length > 0 ? $"The field '{field}' is given twice." : null);
        }
        return null;
    }

    // The reader sets an inner exception; without one, a converter failed on a contract field.
    private static string? OfAnotherType(JsonException json) =>
        json.InnerException is not JsonException && FieldOf(json) is { Length: > 0 } field
            ? $"The field '{field}' has a value of another type."
            : null;

    // The path may contain a field name that the caller made up.
    private static string Where(JsonException json) =>
        json is { LineNumber: { } line, BytePositionInLine: { } position }
            ? $"Invalid at line {line + 1}, byte {position + 1}."
            : ErrorCodes.JsonInvalid.Title;

    /// <summary>
    /// The path without its root, such as <c>samples[2].collectedAt</c>. Safe to repeat: only contract fields reach a
    /// converter or count as duplicates.
    /// </summary>
    private static string FieldOf(JsonException json) =>
        json.Path is { Length: > 2 } path && path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : "";
}
