namespace Grid.Codes;

/// <summary>A resident's vaccination as a display shows it.</summary>
/// <param name="Doses">The highest dose number on record.</param>
/// <param name="LastAt">When the newest dose was given; null without a dose.</param>
[GenerateSerializer, Immutable]
public readonly record struct VaccinationView([property: Id(0)] int Doses, [property: Id(1)] DateTimeOffset? LastAt);
