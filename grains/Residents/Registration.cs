namespace Grid.Residents;

/// <summary>The particulars that register a resident; the gateway has validated and normalised them.</summary>
/// <param name="IdNumber">The identity number. It stays masked until the resident's grain seals it.</param>
/// <param name="Name">At most <see cref="Keys.ProfileVault.MaxTextBytes"/> bytes.</param>
/// <param name="Phone">The phone; masked like the number.</param>
/// <param name="District">GB/T 2260 code, such as 610113.</param>
[GenerateSerializer, Immutable]
public sealed record Registration(
    [property: Id(0)] IdNumber IdNumber,
    [property: Id(1)] string Name,
    [property: Id(2)] PhoneNumber Phone,
    [property: Id(3)] int District
)
{
    /// <summary>Hides the person from logs and exceptions.</summary>
    public override string ToString() => nameof(Registration);
}
