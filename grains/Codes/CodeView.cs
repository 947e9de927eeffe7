namespace Grid.Codes;

/// <summary>What a display or a scan shows of a resident at one moment.</summary>
[GenerateSerializer, Immutable]
public readonly record struct CodeView
{
    /// <summary>False when no resident is registered under this key; the other members are then empty.</summary>
    [Id(0)]
    public bool Registered { get; init; }

    /// <summary>The name, masked after its first character, such as 张*.</summary>
    [Id(1)]
    public string Name { get; init; }

    /// <summary>The worst colour of the active causes.</summary>
    [Id(2)]
    public CodeColour Colour { get; init; }

    /// <summary>The moment that this view describes.</summary>
    [Id(3)]
    public DateTimeOffset AsOf { get; init; }

    /// <summary>When the next active cause expires; null when none does.</summary>
    [Id(4)]
    public DateTimeOffset? ChangesAt { get; init; }

    [Id(5)]
    public TestView Test { get; init; }

    [Id(6)]
    public VaccinationView Vaccination { get; init; }

    /// <summary>The active causes, oldest first. The grain shares this array: never change it.</summary>
    [Id(7)]
    public Cause[] Causes { get; init; }

    /// <summary>Rises with every change of the resident.</summary>
    [Id(8)]
    public int Version { get; init; }
}
