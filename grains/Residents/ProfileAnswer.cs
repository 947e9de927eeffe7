namespace Grid.Residents;

/// <summary>The answer to a change of a profile.</summary>
/// <param name="Registered">False when no resident is registered under this key.</param>
/// <param name="Changed">The fields that changed.</param>
/// <param name="FormerPhone">The phone before the change; null when the phone did not change.</param>
[GenerateSerializer, Immutable, Alias("grid.profile-answer")]
public readonly record struct ProfileAnswer(
    [property: Id(0)] bool Registered,
    [property: Id(1)] ProfileFields Changed,
    [property: Id(2)] PhoneNumber? FormerPhone
);
