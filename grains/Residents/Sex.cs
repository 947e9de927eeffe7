namespace Grid.Residents;

/// <summary>The sex that the sequence of an <see cref="IdNumber"/> encodes: even female, odd male.</summary>
public enum Sex : byte
{
    Female,
    Male,
}
