using System.Text.Json;

namespace Grid.Gateway.Errors;

/// <summary>A text of the wrong form, thrown by a converter; the serializer adds the field's path.</summary>
/// <param name="rule">What the field must be, to follow its name: "is a time …".</param>
internal sealed class FieldFormatException(string rule) : JsonException(rule);

/// <summary>
/// From what the JSON reader says to a code and a detail. Its own message quotes the input, which may be personal:
/// only the place and the name of a field of ours are told.
/// </summary>
internal static class JsonProblems
{
    // The runtime has no exception of its own for it; a test reads such a body, so another wording is noticed.
    private const string Duplicate = "Duplicate propert";

    internal static (ErrorCode Code, string? Detail) Map(JsonException json) =>
        Find(json) ?? (ErrorCodes.JsonInvalid, OfAnotherType(json) ?? Where(json));

    /// <summary>A problem with a code of its own; null for JSON that can't be read.</summary>
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

    // What the reader finds has an inner exception; what a converter can't take is a field of the contract.
    private static string? OfAnotherType(JsonException json) =>
        json.InnerException is not JsonException && FieldOf(json) is { Length: > 0 } field
            ? $"The field '{field}' has a value of another type."
            : null;

    // The path may name a field that the caller made up.
    private static string Where(JsonException json) =>
        json is { LineNumber: { } line, BytePositionInLine: { } position }
            ? $"Not valid at line {line + 1}, byte {position + 1}."
            : ErrorCodes.JsonInvalid.Title;

    /// <summary>
    /// The path without its root, such as <c>samples[2].collectedAt</c>. Only fields of the contract are read by a converter
    /// or counted as duplicates, so these names are our own.
    /// </summary>
    private static string FieldOf(JsonException json) =>
        json.Path is { Length: > 2 } path && path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : "";
}
