namespace Grid.Residents;

/// <summary>Fields of a profile. Rows store the numbers: they never change.</summary>
[Flags]
public enum ProfileFields : byte
{
    None = 0,
    Name = 1,
    Phone = 2,
    District = 4,
}
