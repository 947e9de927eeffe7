namespace Grid;

/// <summary>
/// A text that no log and no exception may show: a phone number, a one-time code. As an argument of a call it is needed,
/// because an engine may write down a call that timed out, arguments included.
/// </summary>
/// <param name="Value">The text.</param>
[GenerateSerializer, Immutable]
public readonly record struct PrivateText([property: Id(0)] string Value)
{
    /// <summary>Callers give a text.</summary>
    public static implicit operator PrivateText(string value) => new(value);

    /// <summary>Says nothing of the text.</summary>
    public override string ToString() => nameof(PrivateText);
}
