namespace Grid.Bench.Load.Http;

/// <summary>
/// Finds single fields in a JSON body by their quoted name, without parsing the rest. No general JSON reader: the name
/// must not occur inside a string value before the field.
/// </summary>
internal static class BodyFields
{
    /// <summary>The characters of a string field, with escapes left as they are.</summary>
    /// <param name="quotedName">The name with its quotes and colon: <c>"token":</c></param>
    public static bool TryString(ReadOnlySpan<byte> body, ReadOnlySpan<byte> quotedName, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (!TryAfter(body, quotedName, out var rest) || rest.IsEmpty || rest[0] != '"')
            return false;
        var end = rest[1..].IndexOf((byte)'"');
        if (end < 0)
            return false;
        value = rest.Slice(1, end);
        return true;
    }

    /// <summary>Whether the field's value starts with this: <c>true</c>, <c>"held"</c>.</summary>
    public static bool Begins(ReadOnlySpan<byte> body, ReadOnlySpan<byte> quotedName, ReadOnlySpan<byte> value) =>
        TryAfter(body, quotedName, out var rest) && rest.StartsWith(value);

    private static bool TryAfter(ReadOnlySpan<byte> body, ReadOnlySpan<byte> quotedName, out ReadOnlySpan<byte> rest)
    {
        var at = body.IndexOf(quotedName);
        rest = at < 0 ? default : body[(at + quotedName.Length)..].TrimStart((byte)' ');
        return at >= 0;
    }
}
