namespace Grid.Residents;

/// <summary>A change of a profile; the gateway has validated and normalised it. Null leaves a field as it is.</summary>
/// <param name="Name">The new name.</param>
/// <param name="Phone">The new phone.</param>
/// <param name="District">The new district.</param>
/// <param name="By">The subject of the operator; empty when the resident changes it.</param>
/// <param name="Reason">Why; stored sealed. Empty when the resident changes it.</param>
[GenerateSerializer, Immutable, Alias("grid.profile-change")]
public sealed record ProfileChange(
    [property: Id(0)] string? Name,
    [property: Id(1)] PhoneNumber? Phone,
    [property: Id(2)] int? District,
    [property: Id(3)] string By,
    [property: Id(4)] string Reason
)
{
    /// <summary>Hides the person from logs and exceptions.</summary>
    public override string ToString() => nameof(ProfileChange);
}
