namespace Grid;

/// <summary>
/// A text that no log and no exception may show: a one-time code, a reason that names a person. Grain methods take it
/// instead of a string because Orleans may log the arguments of a call that timed out.
/// </summary>
[GenerateSerializer, Immutable]
public readonly record struct PrivateText([property: Id(0)] string Value)
{
    public static implicit operator PrivateText(string value) => new(value);

    /// <summary>Hides the text.</summary>
    public override string ToString() => nameof(PrivateText);
}
