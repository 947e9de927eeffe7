namespace Grid.Keys;

/// <summary>
/// The three texts of a profile in the clear, while <see cref="ProfileVault"/> seals or opens them. They must not
/// appear in a log, an exception or a URL.
/// </summary>
public sealed record PersonalData(string Name, string IdNumber, string Phone)
{
    /// <summary>Hides the texts; the text of a record would print all three.</summary>
    public override string ToString() => nameof(PersonalData);
}
